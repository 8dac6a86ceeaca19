// docs.mjs URL TOKEN OPERATION…: on the page /docs, gives the token and executes each operation as
// it stands there. Prints what was sent and what came back, as JSON.

import { withPage } from "./chromium.mjs";

const [url, token, ...operations] = process.argv.slice(2);

async function execute(page, name) {
    const block = page.locator(`[id^="operations-"][id$="-${name}"]`);
    if (!(await block.locator(".try-out__btn").isVisible())) {
        await block.locator(".opblock-summary-control").click();
        await block.locator(".try-out__btn").click();
    }
    const came = page.waitForResponse((response) => response.url().includes("/v1/"));
    await block.locator("button.execute").click();
    const response = await came;
    return {
        name,
        url: response.url(),
        method: response.request().method(),
        sent: await response.request().allHeaders(),
        status: response.status(),
        body: await response.text(),
    };
}

await withPage(async (page) => {
    await page.goto(url);
    await page.locator("button.authorize").first().click();
    await page.locator(".auth-container input").first().fill(token);
    await page.locator(".auth-container button[type=submit]").first().click();
    await page.locator(".auth-container button.btn-done").first().click();
    const exchanges = [];
    for (const name of operations) exchanges.push(await execute(page, name));
    return { exchanges };
});
