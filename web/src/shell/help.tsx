import type { JSX } from 'preact';
import { Button } from '../parts/controls.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { isHelpOpen, shortcuts } from './keys.ts';

export function Help(): JSX.Element | null {
	if (!isHelpOpen.value) return null;
	const close = (): void => {
		isHelpOpen.value = false;
	};
	return (
		<Dialog title="Keyboard" onClose={close}>
			<dl class="shortcuts">
				{shortcuts().map(({ keys, what }) => (
					<div key={keys}>
						<dt>
							<kbd>{keys}</kbd>
						</dt>
						<dd>{what}</dd>
					</div>
				))}
			</dl>
			<div class="dialog-actions">
				<Button onClick={close}>Close</Button>
			</div>
		</Dialog>
	);
}
