/** Things to click: each says in words what it does, and whoever may not do it is told who may. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface ButtonProps {
	readonly children: ComponentChildren;
	readonly onClick: () => void;
	readonly tone?: 'plain' | 'primary' | 'danger';
	readonly disabled?: boolean;
	readonly title?: string;
	readonly pressed?: boolean;
}

export function Button({ children, onClick, tone = 'plain', disabled = false, title, pressed }: ButtonProps): JSX.Element {
	return (
		<button type="button" class={`button ${tone}`} onClick={onClick} disabled={disabled} title={title} aria-pressed={pressed}>
			{children}
		</button>
	);
}

export interface Option<Value extends string> {
	readonly value: Value;
	readonly text: string;
}

export interface SelectProps<Value extends string> {
	readonly label: string;
	readonly value: Value;
	readonly options: readonly Option<Value>[];
	readonly onChange: (value: Value) => void;
}

export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>): JSX.Element {
	const id = useId();
	return (
		<span class="field-inline">
			<label for={id}>{label}</label>
			<select
				id={id}
				value={value}
				onChange={({ currentTarget }) => {
					const chosen = options.find((option) => option.value === currentTarget.value);
					if (chosen !== undefined) onChange(chosen.value);
				}}
			>
				{options.map((option) => (
					<option key={option.value} value={option.value}>
						{option.text}
					</option>
				))}
			</select>
		</span>
	);
}

/** One of a few, all in sight. */
export function Tabs<Value extends string>({ label, value, options, onChange }: SelectProps<Value>): JSX.Element {
	return (
		<div class="tabs" role="group" aria-label={label}>
			{options.map((option) => (
				<button
					key={option.value}
					type="button"
					class="tab"
					aria-pressed={option.value === value}
					onClick={() => onChange(option.value)}
				>
					{option.text}
				</button>
			))}
		</div>
	);
}

export interface FieldProps {
	readonly label: string;
	readonly value: string;
	readonly onInput: (value: string) => void;
	readonly hint?: ComponentChildren;
	readonly type?: 'text' | 'password';
	readonly autoFocus?: boolean;
	readonly maxLength?: number;
}

export function Field({
	label,
	value,
	onInput,
	hint,
	type = 'text',
	autoFocus = false,
	maxLength = 200,
}: FieldProps): JSX.Element {
	const id = useId();
	const shared = {
		id,
		value,
		maxLength,
		autocomplete: 'off', // the browser keeps nothing of what is typed here
		spellcheck: false,
		autofocus: autoFocus,
		'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
		onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => onInput(currentTarget.value),
	};
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{type === 'password' ? <input type="password" {...shared} /> : <input type="text" {...shared} />}
			{hint === undefined ? null : (
				<p class="field-hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}
