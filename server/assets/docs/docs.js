// Shows the API's description, which lies beside this page. Tokens stay in the page.

// A random UUID (RFC 9562, version 4). crypto.randomUUID is there over TLS and on this machine only.
function newUuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// A change that is tried twice here is meant twice: each request has a key of its own.
function withKey(request) {
    const isChange = ["POST", "PUT", "PATCH", "DELETE"].includes((request.method || "GET").toUpperCase());
    if (isChange && !request.headers["Idempotency-Key"]) {
        request.headers["Idempotency-Key"] = newUuid();
    }
    return request;
}

window.addEventListener("DOMContentLoaded", () => {
    window.SwaggerUIBundle({
        url: "openapi.json",
        dom_id: "#docs",
        deepLinking: true,
        defaultModelsExpandDepth: 0,
        persistAuthorization: false,
        requestInterceptor: withKey,
        validatorUrl: null,
    });
});
