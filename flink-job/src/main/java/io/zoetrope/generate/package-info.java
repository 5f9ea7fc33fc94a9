/** The video half of the model: seeded noise, the generator port that gives a velocity, and the samplers' arithmetic between them. */
@NullMarked
package io.zoetrope.generate;

import org.jspecify.annotations.NullMarked;
