/** What comes of asking: a value, or why there is none. */
import type { FailureClass } from '../../domain/outcome.ts';

export interface ReadFailed {
	readonly kind: 'failed';
	readonly class: FailureClass;
	/** The venue's own, where it refused. */
	readonly code: number | undefined;
	readonly sentence: string;
}

export type Read<Value> =
	| {
			readonly kind: 'ok';
			readonly value: Value;
			/** The venue's time when it was asked: the picture is not older. */
			readonly askedAtMs: number;
	  }
	| ReadFailed;
