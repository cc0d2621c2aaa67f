/** Why the control façade does not do what it is asked: a status, and one sentence for a person. */
export class Refusal {
	readonly status: number;
	readonly message: string;
	/** Methods that would have been right, with 405. */
	readonly allow: string | undefined;

	constructor(status: 400 | 401 | 404 | 405 | 409 | 501, message: string, allow?: string) {
		this.status = status;
		this.message = message;
		this.allow = allow;
	}
}
