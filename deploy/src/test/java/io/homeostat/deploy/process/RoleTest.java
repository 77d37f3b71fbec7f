package io.homeostat.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RoleTest {
    @Test
    void the_young_generation_grows_with_a_chosen_heap_and_a_wrong_one_is_named() {
        assertThat(Role.heapFlags((String) null)).isEmpty();
        assertThat(Role.heapFlags(" ")).isEmpty();
        assertThat(Role.heapFlags("1024")).containsExactly("-Xmx1024m", "-XX:MaxNewSize=341m");
        assertThatThrownBy(() -> Role.heapFlags("64"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("128..65536")
                .hasMessageContaining(Role.NODE_HEAP);
        assertThatThrownBy(() -> Role.heapFlags("1g"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'1g'");
    }
}
