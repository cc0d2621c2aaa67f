/**
 * Pages of somebody else, open in the browser in which the operator is logged in: none of them reads anything of the
 * engine, and none of them changes anything (F82, I20).
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, Stage } from './stage.ts';

const WIDE = { width: 1000, height: 700 };

describe.skipIf(CHROMIUM === '')(`pages of others${CHROMIUM === '' ? ' (skipped: install chromium)' : ''}`, () => {
	let stage: Stage;
	let server: Server;
	let port: number;

	beforeAll(async () => {
		stage = await Stage.open(['BTCUSDT']);
		server = createServer((_request, response) => {
			response.setHeader('content-type', 'text/html; charset=utf-8');
			response.end('<!doctype html><title>a page of somebody else</title><form method="post"></form>');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		port = (server.address() as AddressInfo).port;
	}, 120_000);

	afterAll(async () => {
		server?.close();
		await stage?.[Symbol.asyncDispose]();
	}, 60_000);

	/** Logged in, and then at a page of somebody else on the same machine, which to cookies is the same site. */
	async function atPageOfOther(): Promise<{
		readonly context: BrowserContext;
		readonly other: Page;
		run(script: string): Promise<unknown>;
	}> {
		const { context, page } = await stage.loggedIn(WIDE);
		const other = await context.newPage();
		await other.goto(`http://127.0.0.1:${port}/`);
		expect(await page.locator('.shell').count()).toBe(1);
		return { context, other, run: (script) => other.evaluate(script) };
	}

	const kill = (url: string, init: string): string =>
		`fetch('${url}/v1/kill', ${init}).then((answer) => answer.type + ' ' + answer.status, () => 'refused by the browser')`;
	const body = `JSON.stringify({ reason: 'a stranger' })`;

	test.each<[string, (url: string) => string]>([
		['a plain post', (url) => kill(url, `{ method: 'POST', body: ${body} }`)],
		['one with the cookie', (url) => kill(url, `{ method: 'POST', credentials: 'include', body: ${body} }`)],
		[
			'one that wants no answer',
			(url) => kill(url, `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: ${body} }`),
		],
		[
			'one as JSON, for which the browser asks first',
			(url) =>
				kill(url, `{ method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: ${body} }`),
		],
		[
			'a beacon',
			(url) =>
				`navigator.sendBeacon('${url}/v1/kill', new Blob([${body}], { type: 'application/json' })); new Promise((done) => setTimeout(done, 500))`,
		],
		[
			'a form, in a frame',
			(url) => `(() => {
				const frame = Object.assign(document.createElement('iframe'), { name: 'hidden' });
				document.body.append(frame);
				const form = Object.assign(document.createElement('form'), { method: 'post', action: '${url}/v1/kill', target: 'hidden', enctype: 'text/plain' });
				form.append(Object.assign(document.createElement('input'), { name: '{"reason":"a stranger","x":"', value: '"}' }));
				document.body.append(form);
				form.submit();
				return new Promise((done) => setTimeout(done, 500));
			})()`,
		],
	])('%s kills nothing', async (_name, script) => {
		const { context, run } = await atPageOfOther();
		const told = await run(script(new URL(stage.dashboard).origin));
		// What the page of somebody else hears of its fetches: nothing that it could read.
		if (told !== undefined) expect(told).toMatch(/^(refused by the browser|opaque 0)$/);
		expect((await stage.api.read('overview', {})).level).toBe('run');
		await context.close();
	});

	test('nothing can be read: neither by fetch, nor by a socket, nor in a frame', async () => {
		const { context, other, run } = await atPageOfOther();
		const { origin } = new URL(stage.dashboard);
		for (const credentials of ['include', 'omit']) {
			const script = `fetch('${origin}/v1/overview', { credentials: '${credentials}' }).then((answer) => answer.text(), () => 'nothing')`;
			expect(await run(script)).toBe('nothing');
		}
		const socket = `new Promise((done) => {
			const socket = new WebSocket('${origin.replace('http', 'ws')}/v1/live');
			socket.onopen = () => done('open');
			socket.onmessage = () => done('heard');
			socket.onerror = () => done('refused');
		})`;
		expect(await run(socket)).toBe('refused');
		await run(`new Promise((done) => {
			const frame = Object.assign(document.createElement('iframe'), { src: '${origin}/' });
			frame.onload = done;
			document.body.append(frame);
		}).then(() => undefined)`);
		// The page itself cannot look inside; its browser can.
		const inside = other.frames().find((frame) => frame !== other.mainFrame());
		expect(inside?.url()).toMatch(/^chrome-error:/);
		await context.close();
	});

	test('a name of somebody else that leads to this machine finds nobody (DNS rebinding)', async () => {
		const { context, page } = await stage.window(WIDE);
		const { port: own } = new URL(stage.dashboard);
		// The resolver of this machine leads every name under localhost here.
		const answer = await page.goto(`http://evil.localhost:${own}/`);
		expect(answer?.status()).toBe(421);
		const read = await page.evaluate(`fetch('/v1/overview').then(async (answer) => answer.status + ' ' + (await answer.text()))`);
		expect(String(read)).toMatch(/^421 /);
		expect(String(read)).not.toContain('profit');
		await context.close();
	});

	test('the cookie is out of reach of scripts, and for this site alone', async () => {
		const { context, page } = await stage.loggedIn(WIDE);
		expect(await page.evaluate('document.cookie')).toBe('');
		const [cookie] = await context.cookies();
		expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
		await context.close();
	});

	test('the very same request kills where the page is our own and shows its mark', async () => {
		const { context, page } = await stage.window(WIDE);
		await page.goto(new URL(stage.dashboard).origin);
		const { hash } = new URL(await stage.api.loginLink());
		const told = await page.evaluate(`(async () => {
			const headers = { 'content-type': 'application/json' };
			const login = await fetch('/v1/login', { method: 'POST', headers, body: JSON.stringify({ code: '${hash.replace('#code=', '')}' }) });
			const { csrf } = await login.json();
			const kill = (more) => fetch('/v1/kill', { method: 'POST', headers: { ...headers, ...more }, body: ${body} });
			const without = (await kill({})).status;
			return [without, (await kill({ 'x-evenkeel-csrf': csrf })).status];
		})()`);
		expect(told).toEqual([403, 200]);
		expect((await stage.api.read('overview', {})).level).toBe('kill');
		await context.close();
	});
});
