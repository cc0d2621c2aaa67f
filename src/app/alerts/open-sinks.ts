/** The sinks that the settings name, opened: each may reach its own host alone (SEC16), and knows its own secret alone. */
import { systemTransport } from '../../network/system-transport.ts';
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SinkSettings } from '../config/alert-settings.ts';
import type { Variables } from '../keys.ts';
import type { AlertSink } from './alert-post.ts';
import { commandSink } from './command-sink.ts';
import { chatSink, webhookSink } from './http-sinks.ts';

export interface SinksOptions {
	readonly settings: readonly SinkSettings[];
	/** Where URLs and tokens are. */
	readonly variables: Variables;
	readonly instance: string;
	readonly clock: Clock;
	/** Over real sockets unless given. */
	readonly openTransport?: (isAllowed: (url: string) => boolean) => Transport;
}

export type SinksOpened =
	| { readonly kind: 'open'; readonly sinks: readonly AlertSink[]; readonly transports: AsyncDisposable }
	/** One plain sentence each; no variable's content is in it. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** Alerts are few; a pool for them need not be large. */
const LIMITS = { connectionsMax: 2, replyBytesMax: 65_536, plan: { connections: 1, waitingMax: 10 } };

export async function openSinks(options: SinksOptions): Promise<SinksOpened> {
	const { clock, openTransport = (isAllowed) => systemTransport({ clock, isAllowed, limits: LIMITS }) } = options;
	await using opening = new AsyncDisposableStack();
	const sinks: AlertSink[] = [];
	const sentences: string[] = [];
	for (const settings of options.settings) {
		const made = sinkOf(settings, options, (url) => opening.use(openTransport((asked) => isOfHost(asked, url))));
		if (typeof made === 'string') sentences.push(`alerts.sinks '${settings.name}': ${made}`);
		else sinks.push(made);
	}
	if (sentences.length > 0) return { kind: 'refused', sentences };
	return { kind: 'open', sinks, transports: opening.move() };
}

function isOfHost(asked: string, { origin }: URL): boolean {
	return URL.canParse(asked) && new URL(asked).origin === origin;
}

/** Or why not. */
function sinkOf(
	settings: SinkSettings,
	{ variables, instance, clock }: SinksOptions,
	transportTo: (url: URL) => Transport,
): AlertSink | string {
	const { name } = settings;
	switch (settings.kind) {
		case 'command':
			return commandSink({ name, command: settings.command, clock, variables });
		case 'webhook': {
			const text = settings.urlEnv === undefined ? settings.url : variables[settings.urlEnv];
			if (text === undefined || text === '') return notSet(settings.urlEnv ?? '');
			const url = safeUrl(text);
			if (url === undefined) return `${settings.urlEnv} holds no URL that begins with https://`;
			const token = settings.tokenEnv === undefined ? undefined : variables[settings.tokenEnv];
			if (settings.tokenEnv !== undefined && !isToken(token)) return notSet(settings.tokenEnv);
			return webhookSink(transportTo(url), { name, url, token, instance });
		}
		case 'telegram': {
			const token = variables[settings.tokenEnv];
			if (!isToken(token)) return notSet(settings.tokenEnv);
			const url = new URL(settings.url);
			return chatSink(transportTo(url), { name, url, token, chat: settings.chat });
		}
	}
}

/** What can stand in a header or a path. */
function isToken(text: string | undefined): text is string {
	return text !== undefined && /^[\x21-\x7e]+$/.test(text);
}

function notSet(name: string): string {
	return `the variable ${name} is not set, or holds what no token or URL can be; it has to hold what the configuration says is there`;
}

/** One that came from a variable has been seen by no schema. */
function safeUrl(text: string): URL | undefined {
	if (!URL.canParse(text)) return undefined;
	const url = new URL(text);
	const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
	const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isHere);
	return isSafe && url.username === '' && url.password === '' ? url : undefined;
}
