package io.homeostat.healer.story;

/** One event on its way out: {@code cloudEvent} is CloudEvents JSON, {@code node} is the key of the record. */
public record StoryLine(String node, String cloudEvent) {}
