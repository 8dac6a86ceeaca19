// Debian's Chromium, with nothing kept and nothing asked of the network but what a test asks.

import { chromium } from "playwright-core";

export async function withPage(use) {
    const browser = await chromium.launch({
        executablePath: process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
        ],
    });
    try {
        const page = await browser.newPage();
        page.setDefaultTimeout(60_000);
        const complaints = [];
        page.on("console", (message) => {
            if (message.type() === "error") complaints.push(message.text());
        });
        page.on("pageerror", (error) => complaints.push(String(error)));
        const found = await use(page);
        console.log(JSON.stringify({ ...found, complaints }));
    } finally {
        await browser.close();
    }
}
