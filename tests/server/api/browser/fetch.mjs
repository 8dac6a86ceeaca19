// fetch.mjs PAGE REQUESTS: opens PAGE and sends REQUESTS, JSON of [[url, options], …], from it with
// fetch. Prints what the page may read of each answer, or that it may not, as JSON.

import { withPage } from "./chromium.mjs";

const [url, requests] = process.argv.slice(2);

await withPage(async (page) => {
    await page.goto(url);
    const answers = await page.evaluate(async (all) => {
        const found = [];
        for (const [target, options] of all) {
            try {
                const response = await fetch(target, options);
                const reader = response.body?.getReader();
                // The first piece is enough: a stream does not end.
                const piece = reader ? (await reader.read()).value : undefined;
                await reader?.cancel();
                found.push({
                    status: response.status,
                    headers: Object.fromEntries(response.headers),
                    text: piece ? new TextDecoder().decode(piece) : "",
                });
            } catch (error) {
                found.push({ error: String(error) });
            }
        }
        return found;
    }, JSON.parse(requests));
    return { answers };
});
