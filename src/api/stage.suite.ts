/** A server over real sockets for tests, with an engine behind it that says what the test wants and remembers what it heard. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiSettings } from '../app/config/api-settings.ts';
import type { ActionName, Actor, Role } from '../app/console/contract.ts';
import { systemClock } from '../network/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { systemDisk } from '../storage/system-disk.ts';
import type { Acted, Answer, EngineDoor, Topic } from './link.ts';
import { serve } from './serve.ts';
import { openTokens, type Tokens } from './tokens.ts';

export interface StageOptions {
	readonly settings?: Partial<ApiSettings>;
	readonly clock?: Clock;
	readonly pages?: string;
	readonly answer?: (topic: Topic) => Answer;
	readonly acted?: (name: ActionName) => Acted;
	/** One that is there already. */
	readonly folder?: string;
}

export interface Stage extends AsyncDisposable {
	readonly url: string;
	readonly port: number;
	/** As it stands in the printed link. */
	readonly code: string;
	readonly folder: string;
	readonly tokens: Tokens;
	readonly said: readonly string[];
	readonly asked: readonly (readonly Topic[])[];
	readonly done: readonly { readonly name: ActionName; readonly params: unknown; readonly actor: Actor }[];
	/** A request as a program of ours makes it, whatever is said otherwise. */
	ask(path: string, how?: Asked): Promise<Replied>;
}

export interface Asked {
	readonly method?: string;
	readonly role?: Role;
	/** In place of ours; undefined leaves one out. */
	readonly headers?: Readonly<Record<string, string | undefined>>;
	readonly body?: string;
	/** Any of 127.0.0.0/8: what one may do in a second is counted by the address. */
	readonly from?: string;
}

export interface Replied {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
	readonly json: unknown;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
	const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'evenkeel-api-'));
	const said: string[] = [];
	const asked: (readonly Topic[])[] = [];
	const done: Stage['done'][number][] = [];
	const door: EngineDoor = {
		read: async (topics) => {
			asked.push(topics);
			return topics.map((topic) => options.answer?.(topic) ?? { kind: 'text', text: JSON.stringify({ atMs: 1, of: topic }) });
		},
		act: async (name, params, actor) => {
			done.push({ name, params, actor });
			return options.acted?.(name) ?? { kind: 'result', result: { kind: 'done', sentence: `${name} is done` } };
		},
	};
	const opened = await serve({
		settings: { host: '127.0.0.1', port: 0, behindProxy: undefined, tls: undefined, ...options.settings },
		...{ folder, pages: options.pages, version: '0.0.0', pid: process.pid, door },
		clock: options.clock ?? systemClock(),
		disk: systemDisk(),
		onSay: (sentence) => said.push(sentence),
	});
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	const { api } = opened;
	const read = openTokens(folder);
	if (read.kind === 'refused') throw new Error(read.sentence);
	const { tokens } = read;
	const port = Number(new URL(api.url).port);
	return {
		...{ url: api.url, port, folder, tokens, said, asked, done },
		code: api.link.slice(api.link.indexOf('#code=') + '#code='.length),
		ask: (path, how = {}) => asks({ port, path, token: tokens[how.role ?? 'admin'], ...how }),
		[Symbol.asyncDispose]: async () => {
			await api[Symbol.asyncDispose]();
			if (options.folder === undefined) rmSync(folder, { recursive: true });
		},
	};
}

function asks(how: Asked & { readonly port: number; readonly path: string; readonly token: string }): Promise<Replied> {
	const { port, path, token, body, method = body === undefined ? 'GET' : 'POST', from = '127.0.0.1' } = how;
	const usual = {
		host: `127.0.0.1:${port}`,
		authorization: `Bearer ${token}`,
		...(body === undefined ? {} : { 'content-type': 'application/json' }),
	};
	const headers = Object.fromEntries(Object.entries({ ...usual, ...how.headers }).filter(([, value]) => value !== undefined));
	return new Promise((resolve, reject) => {
		const request = httpRequest({ host: '127.0.0.1', localAddress: from, port, path, method, headers, agent: false });
		request.on('response', (response) => {
			const parts: Buffer[] = [];
			response.on('data', (part: Buffer) => parts.push(part));
			response.on('end', () => {
				const text = Buffer.concat(parts).toString();
				resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) });
			});
		});
		request.on('error', reject);
		request.end(body);
	});
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
