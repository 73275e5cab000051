// @ts-check
/** The handbook of the API: Swagger UI, with the session's CSRF token on what changes something. */

const place = /** @type {HTMLElement} */ (document.getElementById('api'));
const { SwaggerUIBundle } = /** @type {any} */ (globalThis);

SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    requestInterceptor: (/** @type {any} */ request) => {
        const isOurs = new URL(request.url, location.href).origin === location.origin;
        if (isOurs) request.headers['X-CSRFToken'] = place.dataset.csrf;
        return request;
    },
});
