/**
 * What whoever uses the engine as a library has to reckon with. Mistakes in arguments are RangeErrors instead; what a
 * venue or the gate refuses is a value, not an error.
 */

/**
 * - `cannot-start`: the app was not made; the message has one sentence for each thing that is wrong.
 * - `stopped`: the app has been stopped and takes nothing more.
 * - `orders-left`: the app has ended, and some orders could not be proven gone; the message names them.
 */
export type AppErrorCode = 'cannot-start' | 'stopped' | 'orders-left';

export class AppError extends Error {
	override readonly name = 'AppError';
	readonly code: AppErrorCode;

	constructor(code: AppErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
