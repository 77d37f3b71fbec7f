/** Stand-ins at the outermost edge: the controlled system behind its HTTP APIs, and the topic. */
@NullMarked
package io.homeostat.healer.testing;

import org.jspecify.annotations.NullMarked;
