/**
 * A log for programs and people: one fact a line, as JSON. Nothing in a line can break it or a terminal, nothing secret is
 * in it, and no line is longer than 8 KiB (SEC18). Making a line costs a few microseconds; one of a level that is off costs
 * nothing worth measuring. Where lines go is handed in.
 */
import { pino } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Ids, units in the keys; text of a venue may be among them. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
	isOn(level: LogLevel): boolean;
	/** `what` is one of few texts, so that lines can be found by it; what varies is in the fields. */
	write(level: LogLevel, what: string, fields?: LogFields): void;
	/** These values too stand in no line from now on. */
	hide(secrets: readonly string[]): void;
}

export interface LogOptions {
	readonly level: LogLevel;
	/** Takes each line with its end. */
	readonly sink: (line: string) => void;
	readonly wallMs: () => number;
	/** In every line. */
	readonly about: LogFields;
	/** Values that stand in no line, whoever writes it. */
	readonly secrets?: readonly string[];
}

const LINE_BYTES_MAX = 8_192;
const TEXT_MAX = 1_000;
const FIELDS_MAX = 30;
/** A shorter one would be found everywhere. */
const SECRET_LENGTH_MIN = 8;
const HIDDEN = '[secret]';
const SECRET_FIELDS = [
	'apiKey',
	'apiSecret',
	'secret',
	'token',
	'password',
	'passphrase',
	'authorization',
	'signature',
	'cookie',
];
/** Of what JSON leaves as it is, all that a terminal or a reader of lines could take for something else. */
const UNSAFE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function openLog({ level, sink, wallMs, about, secrets = [] }: LogOptions): Log {
	const hidden: string[] = [];
	const hide = (values: readonly string[]): void => {
		hidden.push(...values.filter((each) => each.length >= SECRET_LENGTH_MIN));
	};
	hide(secrets);
	const logger = pino(
		{
			level,
			base: about,
			timestamp: () => `,"time":"${new Date(wallMs()).toISOString()}"`,
			formatters: { level: (label) => ({ level: label }) },
			redact: { paths: SECRET_FIELDS, censor: HIDDEN },
		},
		{ write: (line: string) => sink(safeLine(line, hidden)) },
	);
	return {
		hide,
		isOn: (asked) => logger.isLevelEnabled(asked),
		write: (asked, what, fields = {}) => {
			if (logger.isLevelEnabled(asked)) logger[asked](shortened(fields), what.slice(0, TEXT_MAX));
		},
	};
}

function shortened(fields: LogFields): LogFields {
	const entries = Object.entries(fields).slice(0, FIELDS_MAX);
	return Object.fromEntries(
		entries.map(([key, value]) => [
			key,
			typeof value === 'string' && value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value,
		]),
	);
}

function safeLine(line: string, hidden: readonly string[]): string {
	let safe = line.replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
	for (const secret of hidden) safe = safe.replaceAll(JSON.stringify(secret).slice(1, -1), HIDDEN).replaceAll(secret, HIDDEN);
	const byteCount = Buffer.byteLength(safe);
	if (byteCount <= LINE_BYTES_MAX) return safe;
	// Beginning and time of a line are ours; its length comes from text of somebody else.
	const { level, time, msg } = JSON.parse(safe) as { readonly level: string; readonly time: string; readonly msg: string };
	return `${JSON.stringify({ level, time, msg, droppedBytes: byteCount })}\n`;
}
