/**
 * A client's text frame, taken apart as far as all sockets of this venue agree: an object with an operation, perhaps an
 * id and arguments. Never throws; what cannot be read says why. Sizes are bounded here.
 */

/** Longer frames close the socket: twice the longest request that a client may sensibly make. */
export const FRAME_LENGTH_MAX = 262_144;

/** Clients name their requests under either field; the answer uses the one that came. */
export interface FrameId {
	readonly field: 'req_id' | 'reqId';
	readonly text: string;
}

export interface ClientFrame {
	readonly kind: 'frame';
	readonly op: string;
	readonly id: FrameId | null;
	/** As sent; null if missing or no list. */
	readonly args: readonly unknown[] | null;
	readonly header: Readonly<Record<string, unknown>>;
}

export interface UndecodableFrame {
	readonly kind: 'undecodable';
	readonly reason: string;
}

export function parseFrame(text: string): ClientFrame | UndecodableFrame {
	const value = parseJson(text);
	if (!isRecord(value)) return { kind: 'undecodable', reason: 'expected a JSON object' };
	const op = value['op'];
	const args: unknown = value['args'];
	const header = value['header'];
	return {
		kind: 'frame',
		op: typeof op === 'string' ? op : '',
		id: idOf('reqId', value['reqId']) ?? idOf('req_id', value['req_id']),
		args: Array.isArray(args) ? args : null,
		header: isRecord(header) ? header : {},
	};
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id as a field to spread into an answer; nothing where none was sent. */
export function echo(id: FrameId | null): Readonly<Record<string, string>> {
	return id === null ? {} : { [id.field]: id.text };
}

/** Numbers are taken too, since some clients count their requests, and come back as text. */
function idOf(field: FrameId['field'], value: unknown): FrameId | null {
	if (typeof value === 'string' && value !== '') return { field, text: value };
	return typeof value === 'number' ? { field, text: String(value) } : null;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}
