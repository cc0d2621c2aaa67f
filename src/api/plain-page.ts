/** What stands where the dashboard would be, as long as nobody has built it. */
export const PLAIN_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Evenkeel</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Evenkeel runs</h1>
<p>The dashboard has not been built here. <code>npm start</code> builds it; so does <code>npm run build:web</code>.</p>
<p>The API is there all the same: <a href="/v1/openapi.json">/v1/openapi.json</a> describes it, to whoever shows a token.</p>
</body>
</html>
`;
