/**
 * Opens the server with what belongs to it: tokens, audit record, the file that tells the command line where it is. Made
 * for a thread of its own (worker.ts), and for tests that need none.
 */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemSecret } from '../network/system-secret.ts';
import type { Clock } from '../ports/clock.ts';
import { type Disk, DiskError } from '../ports/disk.ts';
import { type LockTaken, takeLock } from '../storage/host-lock.ts';
import { Access } from './access.ts';
import { type ApiAddress, addressLockPath, addressPath } from './api-address.ts';
import { Audit } from './audit.ts';
import { AuditTally } from './audit-tally.ts';
import { namesOf } from './guard.ts';
import type { EngineDoor, ThreadStart } from './link.ts';
import { Live } from './live.ts';
import { withOwnTopics } from './own-topics.ts';
import { makeServer } from './server.ts';
import type { ServerParts } from './server-parts.ts';
import { openTokens } from './tokens.ts';

export interface ServeParts extends ThreadStart {
	readonly clock: Clock;
	readonly disk: Disk;
	readonly door: EngineDoor;
	readonly onSay: (sentence: string) => void;
}

export type Served =
	| { readonly kind: 'open'; readonly api: Serving }
	/** The engine goes on without; one plain sentence. */
	| { readonly kind: 'refused'; readonly sentence: string };

export interface Serving extends AsyncDisposable {
	readonly url: string;
	/** Logs in once, within a minute. */
	readonly link: string;
}

/** Opens in time or not at all; throws only what is a bug. */
export async function serve(parts: ServeParts): Promise<Served> {
	try {
		return await opened(parts);
	} catch (error) {
		if (!(error instanceof DiskError)) throw error;
		return { kind: 'refused', sentence: `no dashboard and no control API: ${error.message}` };
	}
}

async function opened(parts: ServeParts): Promise<Served> {
	const { clock, disk, folder, settings, onSay } = parts;
	const read = openTokens(folder);
	if (read.kind === 'refused') return without(read.sentence);
	const tls = await filesOf(parts);
	if (tls.kind === 'refused') return tls;
	await using opening = new AsyncDisposableStack();
	const word = await takeWord(parts);
	if (word.kind === 'held') opening.use(word.lock);
	// Of two that write to one file neither knows where it ends.
	const record = word.kind === 'held' ? 'audit.log' : `audit.${parts.pid}.log`;
	const audit = opening.use(await Audit.open({ disk, path: join(folder, record), onSay }));
	const tally = opening.use(new AuditTally({ audit, clock }));
	const door = withOwnTopics(parts.door, { audit, clock });
	const live = opening.use(new Live({ clock, door }));
	const isTls = tls.files !== undefined;
	const { host, behindProxy } = settings;
	const at = { port: settings.port };
	const cookieName = (): string => `evenkeel-${at.port}`;
	const access = new Access({ clock, tokens: read.tokens, secret: systemSecret, cookieName });
	const listening = await listen(parts, {
		...{ clock, access, audit, tally, live, door, cookieName },
		...{ pages: parts.pages, version: parts.version, tls: tls.files, isBehindProxy: behindProxy !== undefined },
		names: () => namesOf({ host, port: at.port, isTls, behindProxy }),
		onBug: (error) => onSay(`a bug in the API: ${bugText(error)}`),
	});
	if (listening.kind === 'refused') return listening;
	opening.defer(() => listening.server.close());
	at.port = listening.port;
	const url = `${isTls ? 'https' : 'http'}://${shownHost(host)}:${at.port}`;
	if (word.kind === 'held') opening.use(await tellCommandLine(parts, url));
	else onSay(secondSentence(word.by, join(folder, record)));
	const closing = opening.move();
	return {
		kind: 'open',
		api: {
			url,
			link: `${behindProxy ?? url}/#code=${access.makeCode()}`,
			[Symbol.asyncDispose]: () => closing.disposeAsync(),
		},
	};
}

function without(why: string): Extract<Served, { kind: 'refused' }> {
	return { kind: 'refused', sentence: `no dashboard and no control API: ${why}` };
}

type TlsFiles =
	| { readonly kind: 'read'; readonly files: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined }
	| Extract<Served, { kind: 'refused' }>;

async function filesOf({ disk, settings: { tls } }: ServeParts): Promise<TlsFiles> {
	if (tls === undefined) return { kind: 'read', files: undefined };
	const [cert, key] = await Promise.all([disk.read(tls.cert), disk.read(tls.key)]);
	if (cert === undefined) return without(`api.tls_cert names ${tls.cert}, and there is no such file`);
	if (key === undefined) return without(`api.tls_key names ${tls.key}, and there is no such file`);
	return { kind: 'read', files: { cert, key } };
}

type Listening =
	| { readonly kind: 'listening'; readonly server: { close(): Promise<void> }; readonly port: number }
	| Extract<Served, { kind: 'refused' }>;

/** The configured port, or any that is free: two sessions on one machine are no mistake. A proxy looks at one port alone. */
async function listen({ settings: { host, port, behindProxy } }: ServeParts, server: ServerParts): Promise<Listening> {
	const ports = behindProxy === undefined ? [port, 0] : [port];
	for (const each of ports) {
		const app = await makeServer(server);
		try {
			await app.listen({ host, port: each });
			return { kind: 'listening', server: { close: () => app.close() }, port: portOf(app.server.address(), each) };
		} catch (error) {
			await app.close();
			if (!isTaken(error)) return without(`${host} port ${each} cannot be listened on: ${bugText(error)}`);
		}
	}
	return without(`port ${port} of ${host} is taken by another program: name another under api.port`);
}

function portOf(address: AddressInfo | string | null, wanted: number): number {
	return address === null || typeof address === 'string' ? wanted : address.port;
}

function isTaken(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}

/** Where one listens everywhere, this host is meant. */
function shownHost(host: string): string {
	if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
	return host.includes(':') ? `[${host}]` : host;
}

/** A command looks whether somebody holds the lock, and has it itself for a moment (client.ts). */
const LOOKS = 4;
const LOOK_MS = 50;

/** Who came first has the word, and the record. */
async function takeWord({ folder, pid, clock }: ServeParts): Promise<LockTaken> {
	for (let tries = 1; ; tries++) {
		const taken = takeLock(addressLockPath(folder), `process ${pid}`);
		if (taken.kind === 'held' || tries === LOOKS) return taken;
		await new Promise<void>((resolve) => {
			clock.after(LOOK_MS, resolve);
		});
	}
}

function secondSentence(first: string, record: string): string {
	return `commands such as evenkeel status reach ${first}, which was here first; this one is reached by its link alone and keeps its audit record in ${record}`;
}

/** Until the end it stands in the folder where we are. */
async function tellCommandLine({ folder, disk, clock, pid }: ServeParts, url: string): Promise<AsyncDisposable> {
	const path = addressPath(folder);
	const address: ApiAddress = { url, pid, startedAtMs: clock.wallMs() };
	await disk.replace(path, Buffer.from(`${JSON.stringify(address)}\n`));
	return { [Symbol.asyncDispose]: () => disk.remove(path) };
}

function bugText(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
