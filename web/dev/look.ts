/**
 * Takes pictures of pages in a real browser, wide and as on a phone, dark and light, and says what the console and the
 * policy complained about: `node web/dev/look.ts [--url http://127.0.0.1:4790] [--token dev] [--out folder] [pages...]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
	options: {
		url: { type: 'string', default: 'http://127.0.0.1:4790' },
		token: { type: 'string', default: 'dev' },
		out: { type: 'string', default: 'web/dist/pictures' },
		wait: { type: 'string', default: '1500' },
		sizes: { type: 'string', default: 'wide,phone' },
		themes: { type: 'string', default: 'dark,light' },
	},
	allowPositionals: true,
});
const SIZES: Record<string, { width: number; height: number }> = {
	wide: { width: 1440, height: 900 },
	phone: { width: 390, height: 844 },
};

mkdirSync(values.out, { recursive: true });
const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const theme of values.themes.split(',')) {
	for (const size of values.sizes.split(',')) await look(browser, theme === 'light' ? 'light' : 'dark', size);
}
await browser.close();

async function look(from: Browser, colorScheme: 'dark' | 'light', size: string): Promise<void> {
	const context = await from.newContext({ viewport: SIZES[size] ?? null, colorScheme });
	const page = await context.newPage();
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') console.log(`${colorScheme} ${size}: ${message.text()}`);
	});
	page.on('pageerror', (error) => console.log(`${colorScheme} ${size}: ${error.message}`));
	await page.goto(`${values.url}/`);
	await page.fill('input[type=password]', values.token);
	await page.click('button[type=submit]');
	await page.waitForSelector('.shell');
	for (const name of positionals.length === 0 ? ['overview'] : positionals) {
		await page.goto(`${values.url}/#/${name}`);
		await page.waitForTimeout(Number(values.wait));
		await page.screenshot({ path: join(values.out, `${name.replaceAll('/', '-')}-${size}-${colorScheme}.png`) });
	}
	await context.close();
}
