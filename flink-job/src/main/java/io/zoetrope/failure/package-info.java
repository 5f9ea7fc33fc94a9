/**
 * The failure of one request, which affects no other request: the published codes and the exception that carries one.
 */
@NullMarked
package io.zoetrope.failure;

import org.jspecify.annotations.NullMarked;
