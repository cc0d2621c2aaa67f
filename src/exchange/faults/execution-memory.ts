/**
 * The last execution frames of each key, whatever socket they went through, for a venue that sends them again after a
 * reconnect. Bounded in frames and keys: the oldest key is forgotten.
 */
const FRAMES_MAX = 50;
const KEYS_MAX = 64;

export class ExecutionMemory {
	readonly #byKey = new Map<string, string[]>();

	remember(apiKey: string, frame: string): void {
		const frames = this.#byKey.get(apiKey) ?? [];
		frames.push(frame);
		if (frames.length > FRAMES_MAX) frames.shift();
		this.#byKey.set(apiKey, frames);
		const [oldest] = this.#byKey.keys();
		if (this.#byKey.size > KEYS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
	}

	last(apiKey: string, count: number): readonly string[] {
		return this.#byKey.get(apiKey)?.slice(-count) ?? [];
	}
}
