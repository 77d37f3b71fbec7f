package io.homeostat.detector.template;

import java.util.ArrayList;
import java.util.List;

/** The templates of one node in the order in which they were first seen. A Flink POJO: public, mutable, flat. */
public class TemplateState {
    /** Of each template, the way through the tree that leads to it. */
    public List<String> paths = new ArrayList<>();
    /** Of each template, its words with a star where lines differ. */
    public List<String> texts = new ArrayList<>();

    public TemplateState copy() {
        TemplateState copy = new TemplateState();
        copy.paths.addAll(paths);
        copy.texts.addAll(texts);
        return copy;
    }
}
