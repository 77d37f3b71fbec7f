package io.homeostat.approvals.web;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Body of {@code POST /api/keys}: base64 of what the browser's authenticator gave. The arrays are not to be changed. */
record PasskeyMessage(
        @JsonProperty(value = "clientDataJSON", required = true)
        byte[] clientDataJson,

        @JsonProperty(value = "authenticatorData", required = true)
        byte[] authenticatorData) {}
