package io.homeostat.detector.job;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.template.TemplateState;
import io.homeostat.detector.window.LateSamples;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.OpenWindow;
import io.homeostat.detector.window.PreviousPoints;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StateTypesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                NodeSamples.class,
                NodeWindow.class,
                OpenWindow.class,
                PreviousPoints.class,
                TemplateState.class,
                LateSamples.class,
                JudgeState.class,
                Publication.class,
                ControlMessage.class
            })
    void nothing_that_travels_or_is_kept_falls_to_kryo(Class<?> type) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        SerializerConfigImpl config = new SerializerConfigImpl(configuration);

        assertThatCode(() -> TypeInformation.of(type).createSerializer(config)).doesNotThrowAnyException();
    }
}
