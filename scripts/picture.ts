/**
 * Takes the picture of the dashboard that stands in the README: `npm run picture`. An exchange in a box, an engine that
 * quotes on it for two minutes, and Chromium: what is seen is what runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CHROMIUM, Stage } from '../test/browser/stage.ts';

const FILE = fileURLToPath(new URL('../docs/images/dashboard.png', import.meta.url));
const SYMBOL = 'ETHUSDT';
const QUOTES_FOR_MS = 120_000;

if (CHROMIUM === '') {
	console.error('there is no chromium on this machine: install it, such as with apt-get install chromium');
	process.exit(1);
}
await using stage = await Stage.open();
const { page, context } = await stage.loggedIn({ width: 1440, height: 1000 });
await page.evaluate(`location.hash = '#/symbol/${SYMBOL}'`);
await page.locator('main h1').waitFor();
await sleep(QUOTES_FOR_MS);
await page.screenshot({ path: FILE });
await context.close();
console.log(`${FILE} is new`);
