package io.homeostat.healer.story;

/** The story could not be told or written; always worth another try. */
public final class StoryFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoryFault(String message, Throwable cause) {
        super(message, cause);
    }
}
