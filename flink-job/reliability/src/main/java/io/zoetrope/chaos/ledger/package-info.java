/** What was requested, what was answered, and the comparison of both. */
@NullMarked
package io.zoetrope.chaos.ledger;

import org.jspecify.annotations.NullMarked;
