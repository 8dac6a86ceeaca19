// Shows the API's description, which lies beside this page. Tokens stay in the page.
window.addEventListener("DOMContentLoaded", () => {
    window.SwaggerUIBundle({
        url: "openapi.json",
        dom_id: "#docs",
        deepLinking: true,
        defaultModelsExpandDepth: 0,
        persistAuthorization: false,
        validatorUrl: null,
    });
});
