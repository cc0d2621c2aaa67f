/** What `examples/two-venues.yaml` promises: one process quotes at both exchanges, and leaves nothing at either. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('the example runs, quotes every symbol at its venue, and ends with nothing left', async () => {
	const main = join(ROOT, 'src/cli/main.ts');
	const config = join(ROOT, 'examples/two-venues.yaml');
	const child = spawn(process.execPath, [main, 'run', '--config', config, '--for', '5s', '--json'], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let [out, said] = ['', ''];
	child.stdout.on('data', (chunk: Buffer) => {
		out += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString();
	});
	const [code] = (await once(child, 'close')) as [number | null];
	expect(code, said).toBe(0);
	const symbols = ['bybit:linear:BTCUSDT', 'bybit:linear:ETHUSDT', 'binance:linear:BTCUSDT', 'SOLUSDT', 'binance:spot:ETHUSDT'];
	expect(said).toContain(`quoting ${symbols.join(', ')} on the exchange in a box`);
	const report = JSON.parse(out) as { readonly inventory: object; readonly calls: number; readonly openOrdersAtExit: number };
	expect(Object.keys(report.inventory)).toEqual(symbols);
	expect(report.calls).toBeGreaterThan(20);
	expect(report.openOrdersAtExit).toBe(0);
});
