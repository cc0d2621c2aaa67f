/**
 * Counts what every list, map and set below an object holds, private fields and closures included: what a debugger sees.
 * So nobody has to keep a list of the structures that could grow, and one that was forgotten is found.
 */
import { type Runtime, Session } from 'node:inspector';

/** The types of Node do not know it yet. */
interface Properties extends Runtime.GetPropertiesReturnType {
	readonly privateProperties?: readonly Pick<Runtime.PropertyDescriptor, 'name' | 'value' | 'get'>[];
}

/** The largest that was seen for each place; elements of a collection share a place, written `[]`. */
export type Sizes = ReadonlyMap<string, number>;

/** Elements of a collection that are looked into, from either end. */
const SAMPLE = 4;
const DEPTH_MAX = 18;
/** So many are still told apart by name; an object with more is a collection too. */
const NAMES_MAX = 64;
/** What Node and packages keep for themselves, and what holds bytes only. */
const SKIPPED =
	/^(Socket|Server|Worker|Timeout|Immediate|WebSocket|Agent|Pool|Client|TLSSocket|Buffer|EventEmitter|MessagePort|Database.*|Statement.*|.*Array(Buffer)?|RegExp|Date|Promise|WeakRef|Histogram|Registry|Counter|Gauge|AbortSignal|process|console)$/;

const LOOK = `function (seen, sample) {
	if (seen.has(this)) return undefined;
	seen.add(this);
	const isCollection = Array.isArray(this) || this instanceof Map || this instanceof Set;
	if (!isCollection) return { size: -1, parts: undefined };
	const all = Array.isArray(this) ? this : this instanceof Map ? this.values() : this;
	const size = Array.isArray(this) ? this.length : this.size;
	const parts = [];
	let at = 0;
	for (const each of all) {
		if ((at < sample || at >= size - sample) && each !== null && (typeof each === 'object' || typeof each === 'function')) parts.push(each);
		at += 1;
	}
	return { size, parts };
}`;

export function collectionsBelow(root: object): Sizes {
	const session = new Session();
	session.connect();
	const slot = globalThis as { soakRoot?: object };
	slot.soakRoot = root;
	try {
		const walk = new Walk(session);
		walk.begin();
		return walk.sizes;
	} finally {
		delete slot.soakRoot;
		session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
		session.disconnect();
	}
}

const GROUP = 'soak';

class Walk {
	readonly sizes = new Map<string, number>();
	readonly #session: Session;
	#seen = '';
	/** Scripts whose closures are looked into: those of this repository. */
	readonly #ours = new Set<string>();
	#queue: { readonly id: string; readonly path: string; readonly depth: number }[] = [];

	constructor(session: Session) {
		this.#session = session;
	}

	begin(): void {
		this.#session.on('Debugger.scriptParsed', ({ params }) => {
			if (params.url.startsWith('file:') && !params.url.includes('/node_modules/')) this.#ours.add(params.scriptId);
		});
		this.#session.post('Debugger.enable');
		this.#session.post('Debugger.disable');
		this.#seen = this.#evaluate('new WeakSet()');
		this.#queue.push({ id: this.#evaluate('globalThis.soakRoot'), path: '', depth: 0 });
		for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#look(next);
	}

	#look({ id, path, depth }: { readonly id: string; readonly path: string; readonly depth: number }): void {
		const looked = this.#call(id, LOOK, [{ objectId: this.#seen }, { value: SAMPLE }]);
		if (looked === undefined) return;
		const told = new Map(this.#properties(looked).result.map(({ name, value }) => [name, value]));
		const size = Number(told.get('size')?.value ?? -1);
		const parts = told.get('parts')?.objectId;
		if (size >= 0 && parts !== undefined) {
			this.#note(path, size);
			for (const { value } of this.#properties(parts).result) this.#push(value, `${path}[]`, depth);
			return;
		}
		const { result, privateProperties = [], internalProperties = [] } = this.#properties(id);
		const named = [...result.filter((each) => each.get === undefined), ...privateProperties];
		if (result.length > NAMES_MAX) this.#note(path, result.length);
		const isCollection = result.length > NAMES_MAX;
		for (const { name, value } of named) this.#push(value, isCollection ? `${path}[]` : `${path}.${name}`, depth);
		const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as
			| { readonly scriptId?: string }
			| undefined;
		if (!this.#ours.has(location?.scriptId ?? '')) return;
		const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value?.objectId;
		if (scopes !== undefined) this.#lookIntoClosures(scopes, path, depth);
	}

	#lookIntoClosures(scopes: string, path: string, depth: number): void {
		for (const { value } of this.#properties(scopes).result) {
			if (value?.objectId === undefined || !(value.description ?? '').startsWith('Closure')) continue;
			for (const each of this.#properties(value.objectId).result) this.#push(each.value, `${path}(${each.name})`, depth);
		}
	}

	#push(value: Runtime.RemoteObject | undefined, path: string, depth: number): void {
		if (value?.objectId === undefined || depth >= DEPTH_MAX || value.subtype === 'typedarray') return;
		if (value.type !== 'object' && value.type !== 'function') return;
		if (SKIPPED.test(value.className ?? '') && value.subtype !== 'array') return;
		this.#queue.push({ id: value.objectId, path, depth: depth + 1 });
	}

	#note(path: string, size: number): void {
		this.sizes.set(path, Math.max(size, this.sizes.get(path) ?? 0));
	}

	#evaluate(expression: string): string {
		let id = '';
		this.#session.post('Runtime.evaluate', { expression, objectGroup: GROUP }, (error, told) => {
			if (error !== null) throw error;
			id = told.result.objectId ?? '';
		});
		return id;
	}

	/** Undefined where it was seen before. */
	#call(objectId: string, functionDeclaration: string, args: Runtime.CallArgument[]): string | undefined {
		let id: string | undefined;
		this.#session.post(
			'Runtime.callFunctionOn',
			{ objectId, functionDeclaration, arguments: args, objectGroup: GROUP },
			(error, told) => {
				if (error !== null) throw error;
				id = told.result.objectId;
			},
		);
		return id;
	}

	#properties(objectId: string): Properties {
		let told: Properties = { result: [] };
		this.#session.post('Runtime.getProperties', { objectId, ownProperties: true }, (error, answer) => {
			if (error !== null) throw error;
			told = answer;
		});
		return told;
	}
}
