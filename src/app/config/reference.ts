/**
 * The reference of all settings as Markdown, made from the same schema that checks them, so that it cannot tell of
 * another configuration than the one that is read. `docs/configuration.md` holds it; a test compares.
 */
import { configJsonSchema } from './config.ts';
import { NEEDED_FOR_LIVE, STRICTER_WHEN_GREATER } from './engine-sections.ts';
import { NOT_USED_YET } from './warnings.ts';

interface Schema {
	readonly type?: string | readonly string[];
	readonly description?: string;
	readonly default?: unknown;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly exclusiveMinimum?: number;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: Schema | boolean;
	readonly items?: Schema;
	readonly anyOf?: readonly Schema[];
	readonly oneOf?: readonly Schema[];
}

/** What a section is about; the rest is in the descriptions of its keys. */
const ABOUT: Readonly<Record<string, string>> = {
	venues: 'Accounts at exchanges, each under a name of your own, which stands for `<name>` here.',
	strategies: 'A list; each entry quotes some symbols of one venue.',
	trading: 'What is traded by signals; see [trading](trading.md).',
	strategy: 'How orders follow the quotes that are wished for: keep, amend, or cancel and create.',
	async_batch:
		'Ticks and batches. `enabled: false` is the [way back](rollback.md); [tuning](tuning.md) says when to change the rest.',
	risk: 'What is never exceeded, whatever a strategy wishes. Those marked *live* have no default with `mode: live`.',
	exchange: 'Patience and streams, for all venues.',
	network: 'Connections, timeouts, breakers and the pace of reads.',
	async_features: 'Switches of the network layer.',
	storage: 'What survives a crash; see [recovery](recovery.md).',
	crash_loop: 'When runs end without a good-bye one after the other.',
	warm_up: 'How carefully an engine begins to quote.',
	reconcile: 'Comparison with the venue.',
	sentinel: 'The [watchdog process](sentinel.md).',
	telemetry: 'What can be seen from outside; see [metrics](metrics.md).',
	alerts: 'Who is told when something is wrong; see [operating](operating.md). Their codes stand in the [runbooks](runbooks.md).',
	api: 'The control API and the dashboard.',
	influxdb: 'Prices, trades, orders, ticks and profit in InfluxDB; see [time series](time-series.md).',
	redis: 'A cache that processes share, and the latest state for whoever looks; see [Redis](redis.md).',
	binance: 'Pace at Binance.',
	fleet: 'Several hosts.',
	box: 'The [exchange in a box](exchange-in-a-box.md) as a process of its own.',
};

export function configReference(): string {
	const { properties = {} } = configJsonSchema() as Schema;
	return Object.entries(properties).map(sectionText).join('\n');
}

function sectionText([name, schema]: [string, Schema]): string {
	const rows = rowsOf(schema, name, []).map((row) => `| ${row.join(' | ')} |\n`);
	const later = laterOf(name);
	const about = [ABOUT[name] ?? '', later === undefined ? '' : `*Not used yet; it comes with ${later}.*`];
	const text = about.filter((part) => part !== '').join(' ');
	return `### ${name}\n\n${text === '' ? '' : `${text}\n\n`}| key | value | default | |\n|---|---|---|---|\n${rows.join('')}`;
}

type Row = readonly [key: string, value: string, usually: string, about: string];

function rowsOf(schema: Schema, path: string, around: readonly string[]): Row[] {
	const inner = innerOf(schema);
	if (inner === undefined) return [[`\`${path}\``, valueText(schema), defaultText(schema), aboutText(schema, path, around)]];
	return inner.flatMap(({ step, schema: each, isRequired }) => {
		const required = isRequired ? ['needed'] : [];
		return rowsOf(each, `${path}${step}`, required);
	});
}

interface Inner {
	readonly step: string;
	readonly schema: Schema;
	readonly isRequired: boolean;
}

/** Undefined for what is one setting. */
function innerOf(schema: Schema): Inner[] | undefined {
	const { properties, required = [], additionalProperties, items } = schema;
	if (properties !== undefined) {
		return Object.entries(properties).map(([key, each]) => {
			const isRequired = required.includes(key) && innerOf(each) === undefined;
			return { step: `.${key}`, schema: each, isRequired };
		});
	}
	if (items?.properties !== undefined) return [{ step: '[]', schema: items, isRequired: false }];
	if (typeof additionalProperties === 'object' && additionalProperties.properties !== undefined) {
		return [{ step: '.<name>', schema: additionalProperties, isRequired: false }];
	}
	return undefined;
}

const WORDS_MAX = 8;

function valueText(schema: Schema): string {
	const words = wordsOf(schema);
	if (words.length > WORDS_MAX) return `one of ${words.length}, see \`config schema\``;
	if (words.length > 0) return words.map((word) => `\`${String(word)}\``).join(', ');
	switch (schema.type) {
		case 'boolean':
			return '`true`, `false`';
		case 'integer':
			return `whole number${bounds(schema)}`;
		case 'number':
			return `number${bounds(schema)}`;
		case 'string':
			return 'text';
		case 'array':
			return `list of ${schema.items === undefined ? 'values' : valueText(schema.items)}`;
		case 'object':
			return 'map';
		default:
			return alternatives(schema);
	}
}

function wordsOf({ enum: words, const: word, anyOf, oneOf }: Schema): readonly unknown[] {
	if (words !== undefined) return words;
	if (word !== undefined) return [word];
	const forms = anyOf ?? oneOf ?? [];
	return forms.length > 0 && forms.every((form) => form.const !== undefined) ? forms.map((form) => form.const) : [];
}

function alternatives({ anyOf, oneOf }: Schema): string {
	const forms = (anyOf ?? oneOf ?? []).map((form) => (form.type === 'null' ? '`null`' : valueText(form)));
	return [...new Set(forms)].join(' or ');
}

function bounds({ minimum, exclusiveMinimum, maximum }: Schema): string {
	const from = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
	if (maximum === Number.MAX_SAFE_INTEGER) return from === undefined ? '' : `, at least ${from}`;
	return maximum === undefined ? `, ${from}` : `, ${from} to ${maximum}`;
}

function defaultText({ default: usual }: Schema): string {
	if (usual === undefined) return '';
	const text = JSON.stringify(usual);
	const LENGTH_MAX = 60;
	return text.length > LENGTH_MAX ? 'see `config print`' : `\`${typeof usual === 'string' ? usual : text}\``;
}

function aboutText({ description = '' }: Schema, path: string, around: readonly string[]): string {
	const later = path.includes('.') ? NOT_USED[path] : undefined;
	const marks = [...around, ...marksOf(path), ...(later === undefined ? [] : [`not used yet, comes with ${later}`])];
	const marked = marks.map((mark) => `*${mark}*`).join(' · ');
	return [description, marked].filter((part) => part !== '').join(' · ');
}

function marksOf(path: string): string[] {
	const [section = '', key = ''] = path.split('.');
	if (section === 'async_batch' || section === 'strategy' || path.startsWith('strategies[].params')) return ['reloaded'];
	if (section !== 'risk') return [];
	const isNeeded = NEEDED_FOR_LIVE.some((each) => each === key);
	return [...(isNeeded ? ['live'] : []), STRICTER_WHEN_GREATER.has(key) ? 'reloaded when raised' : 'reloaded when lowered'];
}

const NOT_USED: Readonly<Record<string, string>> = NOT_USED_YET;

function laterOf(section: string): string | undefined {
	return NOT_USED[section];
}
