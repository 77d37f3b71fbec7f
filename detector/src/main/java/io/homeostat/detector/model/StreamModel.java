package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.util.Pair;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * Scores the rows of a stream: a column is odd when it is both far from its forecast and newly moving.
 *
 * <p>Per column, the score multiplies the error of a forecast some rows and a season ahead (it sees what lasts) with the
 * innovation against the newest rows (it sees what changes) and takes the root: a shift that has become the new normal no
 * longer innovates, and noise on a healthy level is near its forecast. Columns that have become restless weigh less
 * ({@link Unrest}); a jump that does not go back keeps a part of its score ({@link Hold}). {@link StreamState} is the
 * caller's, so that scoring is a pure function of model, state and row, and the same rows give the same bits in a file and in a job.
 *
 * <p>Immutable but for Tribuo's name; thread-safe. {@link #predict} scores an example alone, as the first row after the
 * mean of training. Stored as protobuf:
 *
 * <pre>
 * message StreamModel {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   repeated double settings = 2;      // packed, as StreamSettings lists them
 *   repeated double center = 3;        // packed, by feature id
 *   repeated double spread = 4;        // packed, by feature id
 *   repeated double farScale = 5;      // packed, scale of the forecast's residual
 *   repeated double newScale = 6;      // packed, scale of the innovation
 *   repeated double usual = 7;        // packed, mean oddness of each column in training
 *   repeated double levelScale = 8;   // packed, scale of the distance from the adaptive mean
 *   tribuo.core.ModelProto far = 9;    // RidgeVarModel
 *   tribuo.core.ModelProto near = 10;  // RidgeVarModel
 *   tribuo.core.ModelProto whole = 11; // of a member that scores rows as a whole, else absent
 * }
 * </pre>
 */
public final class StreamModel extends Model<Event> {
    private static final long serialVersionUID = 1L;
    private static final ModelForm FORM = new ModelForm(StreamModel.class, 1);
    /** Beyond this many spreads a column is as odd as it can be; keeps scores finite. */
    static final double MAX_Z = 1_000;

    private final StreamSettings settings;
    private final double[] center;
    private final double[] spread;
    private final double[] farScale;
    private final double[] newScale;
    private final double[] usual;
    private final double[] levelScale;
    private final RidgeVarModel far;
    private final RidgeVarModel near;
    private final Optional<Model<Event>> whole;
    private final int[] farLags;
    private final int[] nearLags;
    private final int[] wholeLags;
    private final int depth;

    StreamModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Event> outputs,
            StreamSettings settings,
            double[] center,
            double[] spread,
            double[] farScale,
            double[] newScale,
            double[] usual,
            double[] levelScale,
            RidgeVarModel far,
            RidgeVarModel near,
            Optional<Model<Event>> whole) {
        super(name, provenance, features, outputs, false);
        this.settings = settings;
        this.center = center;
        this.spread = spread;
        this.farScale = farScale;
        this.newScale = newScale;
        this.usual = usual;
        this.levelScale = levelScale;
        this.far = far;
        this.near = near;
        this.whole = whole;
        this.farLags = far.lags();
        this.nearLags = near.lags();
        this.wholeLags = WholeRow.lags(settings.members(), center.length);
        this.depth = Math.max(Math.max(farLags[farLags.length - 1], nearLags[nearLags.length - 1]), wholeLags.length);
    }

    /** Called by Tribuo, by name. */
    public static StreamModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        return FORM.read(version, className, message, StreamModel::read);
    }

    /** Reads what {@link #toBytes} wrote. */
    public static StreamModel fromBytes(byte[] bytes) {
        try {
            Model<?> model = Model.deserialize(ModelProto.parseFrom(bytes));
            if (model instanceof StreamModel stream) {
                return stream;
            }
            throw new IllegalArgumentException("expected a " + StreamModel.class.getSimpleName() + " but found a "
                    + model.getClass().getSimpleName());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("expected a Tribuo model as protobuf: " + e.getMessage(), e);
        }
    }

    public byte[] toBytes() {
        return serialize().toByteArray();
    }

    @Override
    public ModelProto serialize() {
        return FORM.write(createDataCarrier(), out -> {
            ModelForm.writePacked(out, 2, settings.toArray());
            ModelForm.writePacked(out, 3, center);
            ModelForm.writePacked(out, 4, spread);
            ModelForm.writePacked(out, 5, farScale);
            ModelForm.writePacked(out, 6, newScale);
            ModelForm.writePacked(out, 7, usual);
            ModelForm.writePacked(out, 8, levelScale);
            out.writeMessage(9, far.serialize());
            out.writeMessage(10, near.serialize());
            if (whole.isPresent()) {
                out.writeMessage(11, whole.get().serialize());
            }
        });
    }

    /** Names the parameters: models that score alike have equal ids. */
    public String id() {
        return "stream-"
                + EventCodec.digest(List.of(
                                settings.toArray(),
                                center,
                                spread,
                                farScale,
                                newScale,
                                usual,
                                levelScale,
                                far.parameters(),
                                near.parameters(),
                                whole.map(m -> m.serialize().getSerializedData().toByteArray())
                                        .map(EventCodec::sha256Hex)
                                        .orElse("")))
                        .substring(0, 16);
    }

    /** Tribuo's provenance as canonical JSON. */
    public String provenanceJson() {
        return new String(
                EventCodec.canonicalJson(AnomalyModel.plain(ProvenanceUtil.convertToMap(getProvenance()))),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    public int columns() {
        return center.length;
    }

    public StreamSettings settings() {
        return settings;
    }

    /** The value in training spreads from the column's centre of training; NaN stays NaN. */
    public double standardized(int column, double value) {
        return scaled(value, center[column], spread[column]);
    }

    /** The state before the first row of training. */
    public StreamState newState() {
        StreamState state = new StreamState();
        state.mean = new double[columns()];
        state.fast = new double[columns()];
        state.history = new double[depth * columns()];
        state.unrest = usual.clone();
        state.level = new double[columns()];
        state.before = new double[columns()];
        return state;
    }

    /**
     * Scores the next row and moves the state on.
     *
     * @param row by feature id; NaN is a missing value and counts as expected
     * @param adapt false while an alarm is open: what is odd must not become normal
     */
    public StreamScore score(StreamState state, double[] row, boolean adapt) {
        int size = columns();
        if (row.length != size) {
            throw new IllegalArgumentException("expected a row of " + size + " columns but found " + row.length);
        }
        double[] residual = new double[size];
        for (int j = 0; j < size; j++) {
            double z = Double.isNaN(row[j]) ? state.mean[j] : scaled(row[j], center[j], spread[j]);
            residual[j] = z - state.mean[j];
            if (adapt) {
                state.mean[j] += settings.adaptRate()
                        * Math.max(-settings.adaptClip(), Math.min(settings.adaptClip(), residual[j]));
            }
        }
        double[] farError = new double[size];
        double[] nearError = new double[size];
        far.residual(residual, past(state, farLags), farError);
        near.residual(residual, past(state, nearLags), nearError);
        double[] shares = new double[size];
        double[] expected = new double[size];
        double sum = 0;
        double moves = 0;
        for (int j = 0; j < size; j++) {
            double moved = nearError[j] - state.fast[j];
            if (Double.isNaN(row[j])) {
                expected[j] = Double.NaN;
                continue;
            }
            state.fast[j] += settings.fastRate() * moved;
            moves += Math.abs(moved / newScale[j]);
            shares[j] = oddness(state, j, farError[j] / farScale[j], moved / newScale[j]);
            sum += shares[j];
            expected[j] = row[j] - farError[j] * spread[j];
        }
        double oddness = whole.isPresent()
                ? WholeRow.score(whole.get(), settings.members(), residual, past(state, wholeLags), nearError)
                : StrictMath.pow(sum / size, 1 / (2 * power()));
        if (settings.members().held()) {
            oddness = settings.hold().keep(state, residual, levelScale, oddness);
        }
        remember(state, residual);
        for (int j = 0; j < size && sum > 0; j++) {
            shares[j] /= sum;
        }
        return smooth(state, oddness / settings.norm(), moves / size, shares, expected);
    }

    @Override
    public Prediction<Event> predict(Example<Event> example) {
        double score = score(newState(), row(example), false).raw();
        return ModelForm.prediction(example, score, 1);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        // The score has no weights of its own: a column matters by its deviation, see getExcuse.
        return Map.of();
    }

    @Override
    public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
        double[] shares = score(newState(), row(example), false).shares();
        return ModelForm.excuse(
                example,
                predict(example),
                shares.length,
                j -> featureIDMap.get(j).getName(),
                j -> shares[j]);
    }

    @Override
    protected StreamModel copy(String newName, ModelProvenance newProvenance) {
        return new StreamModel(
                newName,
                newProvenance,
                featureIDMap,
                outputIDInfo,
                settings,
                center,
                spread,
                farScale,
                newScale,
                usual,
                levelScale,
                far,
                near,
                whole);
    }

    /** The same with what is measured on the scores of training. */
    StreamModel with(double norm, double holdFrom) {
        return new StreamModel(
                getName(),
                getProvenance(),
                featureIDMap,
                outputIDInfo,
                settings.with(norm, holdFrom),
                center,
                spread,
                farScale,
                newScale,
                usual,
                levelScale,
                far,
                near,
                whole);
    }

    private StreamScore smooth(StreamState state, double raw, double pace, double[] shares, double[] expected) {
        state.smooth = state.rows == 0 ? raw : state.smooth + settings.smoothRate() * (raw - state.smooth);
        state.slow = state.rows == 0 ? raw : state.slow + settings.slowRate() * (raw - state.slow);
        state.pace = state.rows == 0 ? pace : state.pace + settings.paceRate() * (pace - state.pace);
        state.rows++;
        double score =
                StrictMath.pow(state.smooth, 1 - settings.slowPart()) * StrictMath.pow(state.slow, settings.slowPart());
        return new StreamScore(score, raw, state.pace, shares, expected);
    }

    static double scaled(double value, double center, double spread) {
        return Math.max(-MAX_Z, Math.min(MAX_Z, (value - center) / spread));
    }

    /** What one column adds to the mean whose root is the score. */
    private double oddness(StreamState state, int column, double farError, double moved) {
        Members members = settings.members();
        double odd = switch (members) {
            case FORECAST -> farError * farError;
            case INNOVATION -> moved * moved;
            // What a whole row's model finds odd is explained by the columns all the same.
            case BOTH, UNWEIGHTED, UNHELD, MAHALANOBIS, VAR, PCA, SVM, KMEANS -> Math.abs(farError * moved);
        };
        double weighed = members.weighted() ? settings.unrest().weigh(state.unrest, usual, column, odd) : odd;
        return power() == 1 ? weighed : StrictMath.pow(weighed, power());
    }

    /** A part alone counts by the mean of squares. */
    private double power() {
        return settings.members().joined() ? settings.power() : 1;
    }

    private double[][] past(StreamState state, int[] lags) {
        int size = columns();
        double[][] past = new double[lags.length][size];
        for (int l = 0; l < lags.length; l++) {
            if (state.rows >= lags[l]) {
                int slot = (int) ((state.rows - lags[l]) % depth);
                System.arraycopy(state.history, slot * size, past[l], 0, size);
            }
        }
        return past;
    }

    private void remember(StreamState state, double[] residual) {
        int slot = (int) (state.rows % depth);
        System.arraycopy(residual, 0, state.history, slot * residual.length, residual.length);
    }

    private double[] row(Example<Event> example) {
        return Rows.of(example, featureIDMap, columns(), Double.NaN);
    }

    private static Model<Event> anomalyModel(ModelProto stored) {
        Model<?> model = Model.deserialize(stored);
        return model.castModel(Event.class);
    }

    private static StreamModel read(CodedInputStream in) throws IOException {
        ModelDataProto metadata = ModelDataProto.getDefaultInstance();
        double[][] fields = {{}, {}, {}, {}, {}, {}, {}};
        ModelProto far = ModelProto.getDefaultInstance();
        ModelProto near = ModelProto.getDefaultInstance();
        Optional<ModelProto> whole = Optional.empty();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = tag >>> 3;
            switch (field) {
                case 1 -> metadata = ModelDataProto.parseFrom(in.readByteArray());
                case 2, 3, 4, 5, 6, 7, 8 -> fields[field - 2] = ModelForm.readPacked(in);
                case 9 -> far = ModelProto.parseFrom(in.readByteArray());
                case 10 -> near = ModelProto.parseFrom(in.readByteArray());
                case 11 -> whole = Optional.of(ModelProto.parseFrom(in.readByteArray()));
                default -> in.skipField(tag);
            }
        }
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(metadata);
        int size = carrier.featureDomain().size();
        boolean fits = Arrays.stream(fields).skip(1).allMatch(f -> f.length == size);
        if (!fits) {
            throw new IllegalArgumentException(
                    "expected a model of anomaly events with " + size + " columns but found fields of "
                            + Arrays.stream(fields).map(f -> f.length).toList());
        }
        if (!(Model.deserialize(far) instanceof RidgeVarModel farModel)
                || !(Model.deserialize(near) instanceof RidgeVarModel nearModel)
                || farModel.columns() != size
                || nearModel.columns() != size) {
            throw new IllegalArgumentException("expected two autoregressions over " + size + " columns");
        }
        StreamSettings settings = StreamSettings.fromArray(fields[0]);
        if (settings.members().wholeRow() != whole.isPresent()) {
            throw new IllegalArgumentException("expected a model of whole rows with " + settings.members()
                    + " or none, but found " + (whole.isPresent() ? "one" : "none"));
        }
        return new StreamModel(
                carrier.name(),
                carrier.provenance(),
                carrier.featureDomain(),
                ModelForm.outputs(carrier),
                settings,
                fields[1],
                fields[2],
                fields[3],
                fields[4],
                fields[5],
                fields[6],
                farModel,
                nearModel,
                whole.map(StreamModel::anomalyModel));
    }
}
