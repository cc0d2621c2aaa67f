/**
 * Processes of a benchmark's own that answer questions over Node's IPC channel: one question at a time, each answered
 * once. A process ends when whoever started it goes away or disposes of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

type Reply = { readonly kind: 'answer'; readonly answer: unknown } | { readonly kind: 'failed'; readonly reason: string };

/** `Answers` maps each kind of question to what it is answered with; only the two ends of one channel agree on it. */
export class RemoteProcess<Question extends { readonly kind: string }, Answers extends Record<Question['kind'], unknown>> {
	readonly #child: ChildProcess;

	/** A script beside this file. */
	constructor(script: string) {
		const path = fileURLToPath(new URL(script, import.meta.url));
		this.#child = spawn(process.execPath, [path], { stdio: ['ignore', 2, 2, 'ipc'] });
	}

	async ask<Kind extends Question['kind']>(question: Extract<Question, { kind: Kind }>): Promise<Answers[Kind]> {
		const { promise, resolve, reject } = Promise.withResolvers<Reply>();
		const ended = (code: number | null): void => reject(new Error(`${question.kind}: the process ended with code ${code}`));
		this.#child.once('message', (reply) => resolve(reply as Reply)).once('exit', ended);
		this.#child.send(question);
		const reply = await promise.finally(() => this.#child.removeAllListeners('message').off('exit', ended));
		if (reply.kind === 'failed') throw new Error(`${question.kind}: ${reply.reason}`);
		return reply.answer as Answers[Kind];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = once(this.#child, 'exit');
		this.#child.disconnect();
		await gone;
	}
}

/** The other end: for the script that was started. */
export function answerQuestions<Question extends { readonly kind: string }>(
	answer: (question: Question) => Promise<unknown>,
): void {
	process.on('message', (question) => {
		answer(question as Question).then(
			(value) => process.send?.({ kind: 'answer', answer: value } satisfies Reply),
			(error: unknown) => {
				const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
				process.send?.({ kind: 'failed', reason } satisfies Reply);
			},
		);
	});
	process.on('disconnect', () => process.exit(0));
}
