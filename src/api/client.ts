/**
 * A running engine for programs on the same machine, typed by the contract. Finds it by its data folder, and shows the
 * token that lies there; whoever may read that file may do what its owner may.
 */
import { WebSocket } from 'ws';
import * as z from 'zod';
import type {
	ActionName,
	ActionParams,
	ActionResult,
	QueryAnswer,
	QueryName,
	QueryParams,
	Role,
} from '../app/console/contract.ts';
import { actionResult, QUERIES } from '../app/console/contract.ts';
import { systemClock } from '../network/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { DiskError } from '../ports/disk.ts';
import { takeLock } from '../storage/host-lock.ts';
import { readPrivate } from '../storage/private-file.ts';
import { addressLockPath, addressPath, apiAddress } from './api-address.ts';
import { readTokens } from './tokens.ts';

export interface ClientParts {
	readonly clock: Clock;
	readonly url: string;
	readonly token: string;
}

export type ClientOpened =
	| { readonly kind: 'open'; readonly client: ApiClient }
	/** No engine runs there, or not for us; one sentence. */
	| { readonly kind: 'refused'; readonly sentence: string };

/** The engine said no, or nothing. */
export class ApiFailure extends Error {
	readonly code: string;
	/** 0: no answer came. */
	readonly status: number;

	constructor({ code, sentence, status }: { readonly code: string; readonly sentence: string; readonly status: number }) {
		super(sentence);
		this.name = 'ApiFailure';
		this.code = code;
		this.status = status;
	}
}

/** Longer than the server takes for whatever it may do. */
const ANSWER_MS_MAX = 35_000;
const PATH = '/v1';

export async function openClient(folder: string, role: Role = 'admin'): Promise<ClientOpened> {
	const none = `no engine runs on the folder ${folder}: start one with evenkeel run, or name its folder with --data`;
	const found = readPrivate(addressPath(folder));
	if (found.kind === 'none') return { kind: 'refused', sentence: none };
	if (found.kind === 'refused') return found;
	const address = apiAddress.safeParse(jsonOf(found.text));
	if (!address.success) return { kind: 'refused', sentence: `${addressPath(folder)} does not say where the engine is: ${none}` };
	const read = readTokens(folder);
	if (read.kind === 'refused') return read;
	if (read.kind === 'none') return { kind: 'refused', sentence: none };
	// Where an engine was killed, its port is anybody's, and nobody else shall see the token.
	if (!isEngineThere(folder)) return { kind: 'refused', sentence: none };
	const client = new ApiClient({ clock: systemClock(), url: address.data.url, token: read.tokens[role] });
	try {
		await client.session();
	} catch (error) {
		if (!(error instanceof ApiFailure)) throw error;
		// It is there, and hears a kill all the same.
		if (error.status === 429) return { kind: 'open', client };
		const gone = `the engine that was process ${address.data.pid} does not answer at ${address.data.url}`;
		return { kind: 'refused', sentence: error.status === 0 ? gone : `the engine refuses: ${error.message}` };
	}
	return { kind: 'open', client };
}

function isEngineThere(folder: string): boolean {
	try {
		const taken = takeLock(addressLockPath(folder), 'a command');
		if (taken.kind === 'held') taken.lock[Symbol.dispose]();
		return taken.kind === 'busy';
	} catch (error) {
		if (!(error instanceof DiskError)) throw error;
		// Such as a folder that we may only read: nobody can tell, and a kill has to get through.
		return true;
	}
}

export interface Watched<Name extends QueryName = QueryName> {
	readonly name: Name;
	readonly params: QueryParams<Name>;
}

/** What parameters of queries are made of. */
type Plain = Readonly<Record<string, string | number | boolean | undefined>>;

const failure = z.object({ code: z.string(), sentence: z.string() });
const sessionAnswer = z.object({ role: z.enum(['viewer', 'operator', 'admin']) });
const frame = z.union([
	z.object({ name: z.enum(Object.keys(QUERIES)), answer: z.unknown() }),
	z.object({ error: failure }),
	z.object({ alive: z.number() }),
]);

export class ApiClient {
	readonly url: string;
	readonly #parts: ClientParts;

	constructor(parts: ClientParts) {
		this.#parts = parts;
		this.url = parts.url;
	}

	/** Throws an `ApiFailure`. */
	async read<Name extends QueryName>(name: Name, params: QueryParams<Name>): Promise<QueryAnswer<Name>> {
		const said = new URLSearchParams();
		for (const [key, value] of Object.entries(params as Plain)) if (value !== undefined) said.set(key, String(value));
		const { status, body } = await this.#ask(`${PATH}/${name}?${said.toString()}`);
		if (status !== 200) throw failureOf(status, body);
		return QUERIES[name].answer.parse(body) as QueryAnswer<Name>;
	}

	/** Throws an `ApiFailure` where it is not known to the engine, or not whether it was done. */
	async act<Name extends ActionName>(name: Name, params: ActionParams<Name>): Promise<ActionResult> {
		const { status, body } = await this.#ask(`${PATH}/${name}`, params);
		const result = actionResult.safeParse(body);
		if (status === 200 && result.success) return result.data;
		throw failureOf(status, body);
	}

	async session(): Promise<{ readonly role: Role }> {
		const { status, body } = await this.#ask(`${PATH}/session`);
		if (status !== 200) throw failureOf(status, body);
		const session = sessionAnswer.safeParse(body);
		if (!session.success) throw failureOf(status, undefined);
		return session.data;
	}

	/** For a browser: logs in once, within a minute. Takes the role admin. */
	async loginLink(): Promise<string> {
		const { status, body } = await this.#ask(`${PATH}/login-code`, {});
		if (status !== 200) throw failureOf(status, body);
		return `${this.url}/#code=${z.object({ code: z.string() }).parse(body).code}`;
	}

	/** Calls with each new answer until it is disposed of; `onEnd` once when the engine is gone before that. */
	watch(
		topics: readonly Watched[],
		{ onAnswer, onEnd }: { readonly onAnswer: (name: QueryName, answer: unknown) => void; readonly onEnd: (why: string) => void },
	): Disposable {
		const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}${PATH}/live`, {
			headers: { authorization: `Bearer ${this.#parts.token}` },
			perMessageDeflate: false,
			handshakeTimeout: 5_000,
		});
		let isEnded = false;
		const end = (why: string): void => {
			if (isEnded) return;
			isEnded = true;
			socket.terminate();
			onEnd(why);
		};
		socket.on('open', () => socket.send(JSON.stringify({ watch: topics })));
		socket.on('message', (data) => {
			const heard = frame.safeParse(jsonOf(data instanceof Buffer ? data.toString() : ''));
			if (!heard.success || isEnded) return;
			if ('error' in heard.data) end(heard.data.error.sentence);
			else if ('name' in heard.data) onAnswer(heard.data.name as QueryName, heard.data.answer);
		});
		socket.on('error', (error) => end(error.message));
		socket.on('close', () => end('the engine has ended'));
		return {
			[Symbol.dispose]: () => {
				isEnded = true;
				socket.terminate();
			},
		};
	}

	async #ask(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
		const stop = new AbortController();
		const limit = this.#parts.clock.after(ANSWER_MS_MAX, () => stop.abort());
		try {
			const response = await fetch(`${this.url}${path}`, {
				headers: {
					authorization: `Bearer ${this.#parts.token}`,
					...(body === undefined ? {} : { 'content-type': 'application/json' }),
				},
				redirect: 'error',
				signal: stop.signal,
				...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
			});
			return { status: response.status, body: jsonOf(await response.text()) };
		} catch (error) {
			throw new ApiFailure({ code: 'UNREACHED', status: 0, sentence: `${this.url} does not answer: ${reasonOf(error)}` });
		} finally {
			limit.cancel();
		}
	}
}

function failureOf(status: number, body: unknown): ApiFailure {
	const told = failure.safeParse(body);
	if (told.success) return new ApiFailure({ ...told.data, status });
	return new ApiFailure({ code: 'UNREADABLE', status, sentence: `the answer ${status} is none of our API` });
}

/** What the platform throws hides the reason in its cause. */
function reasonOf(error: unknown): string {
	const cause = error instanceof Error ? (error.cause ?? error) : error;
	return cause instanceof Error ? cause.message : String(cause);
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
