/**
 * Durable bytes, as a thing that is handed in: what the intent journal needs of a file system and no more, so that a
 * simulated disk can tear, delay and lose writes. Failures reject with the system's own error code.
 */
export interface AppendFile extends AsyncDisposable {
	/** Bytes in the file, counting writes that are still under way. */
	readonly sizeBytes: number;
	append(bytes: Uint8Array): Promise<void>;
	/** Resolves when everything appended before the call would survive a loss of power. */
	sync(): Promise<void>;
}

export interface Disk {
	openAppend(path: string): Promise<AppendFile>;
	/** The whole file, or `undefined` where none is. */
	read(path: string): Promise<Uint8Array | undefined>;
	/** Replaces the file at once: afterwards it has the old bytes or the new ones, never a mixture. */
	replace(path: string, bytes: Uint8Array): Promise<void>;
	truncate(path: string, sizeBytes: number): Promise<void>;
	remove(path: string): Promise<void>;
}
