// Swagger UI over our own document. Nothing is sent elsewhere: no validator, and a key is kept nowhere.
window.addEventListener("DOMContentLoaded", () => {
  const docs = document.getElementById("docs");
  SwaggerUIBundle({
    domNode: docs,
    url: docs.dataset.document,
    validatorUrl: null,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    docExpansion: "list",
    tryItOutEnabled: true,
  });
});
