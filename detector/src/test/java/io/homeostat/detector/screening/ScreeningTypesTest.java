package io.homeostat.detector.screening;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ScreeningTypesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                LeafRecord.class,
                Movement.class,
                Verdict.class,
                AccountProfile.class,
                AssetState.class,
                JournalState.Account.class,
                JournalState.Held.class
            })
    void nothing_that_travels_or_is_kept_falls_to_kryo(Class<?> type) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        SerializerConfigImpl config = new SerializerConfigImpl(configuration);

        assertThatCode(() -> TypeInformation.of(type).createSerializer(config)).doesNotThrowAnyException();
    }
}
