/** Made from the Python models by coderchat_jupyter.bridge.schema. Do not edit. */
export interface AddEndpoint {
  op: "add_endpoint";
  preset?: string;
  values: Readonly<Record<string, string>>;
  api_key?: string | null;
}
export interface BlockChanged {
  op: "block_changed";
  row: number;
  block: number;
  changes: Readonly<Record<string, unknown>>;
}
export interface BlocksSpliced {
  op: "blocks_spliced";
  row: number;
  at: number;
  removed: number;
  blocks: ReadonlyArray<TextBlock | ReasoningBlock | ToolBlock | SourcesBlock | FileBlock | NoteBlock>;
}
export type ChatIntent = Send | Stop | LoadOlder | DeleteQueued | PromoteQueued;
export type ChatPatch = FieldsChanged | RowsSpliced | RowChanged | BlocksSpliced | BlockChanged | TextAppended;
export interface ChatRow {
  chat_id: string;
  title: string;
  models: ReadonlyArray<string>;
  requests: number;
  unpriced: number;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
  micros: number | null;
}
export interface ChatView {
  mode: "chat" | "turn";
  title: string;
  status: string;
  phase: "opening" | "ready" | "starting" | "answering" | "needs_you" | "stopping" | "error";
  since: number | null;
  notice: string;
  rows: ReadonlyArray<Row>;
  has_older: boolean;
  queue: ReadonlyArray<QueuedPrompt>;
  retry: RetryView | null;
  problem: Problem | null;
  link: LinkView;
  models: ReadonlyArray<ModelChoice>;
  model_id: string;
  context: Context | null;
  cost: Cost | null;
  read_only: string;
}
export interface Choice {
  value: string;
  label: string;
}
export interface ClearKey {
  op: "clear_key";
  id: string;
}
export interface Context {
  used: number;
  limit: number;
  compacts_at: number | null;
}
export interface Cost {
  micros: number;
  unpriced: number;
}
export interface CostChart {
  unit: string;
  zone: string;
  series: ReadonlyArray<CostSeries>;
  columns: ReadonlyArray<CostColumn>;
}
export interface CostColumn {
  label: string;
  tick: string;
  micros: ReadonlyArray<number | null>;
  unpriced: number;
  requests: number;
}
export type CostIntent = RefreshCosts | UseZone;
export interface CostSeries {
  name: string;
  slot: number;
}
export interface CostTotals {
  micros: number | null;
  requests: number;
  unpriced: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_creation_tokens: number;
  chats: number;
}
export interface CostView {
  phase: "loading" | "ready" | "failed";
  notice: string;
  problem: string | null;
  refreshing: boolean;
  read_at: string | null;
  since: string | null;
  totals: CostTotals | null;
  chart: CostChart | null;
  chats: ReadonlyArray<ChatRow>;
  unpriced_models: ReadonlyArray<string>;
  server_micros: number | null;
}
export interface DeleteModel {
  op: "delete_model";
  id: string;
}
export interface DeleteProvider {
  op: "delete_provider";
  id: string;
}
export interface DeleteQueued {
  op: "delete_queued";
  queued_id: number;
}
export type EditorIntent = RefreshEditor | ValidateForm | SaveModel | SaveProvider | AddEndpoint | ClearKey | MakeDefault | DeleteModel | DeleteProvider;
export interface EditorView {
  phase: "loading" | "ready" | "failed";
  notice: string;
  problem: string | null;
  refreshing: boolean;
  read_only: string | null;
  providers_problem: string | null;
  server: string;
  models: ReadonlyArray<ModelRow>;
  providers: ReadonlyArray<ProviderRow>;
  forms: FormSet | null;
}
export interface FieldsChanged {
  op: "fields_changed";
  changes: Readonly<Record<string, unknown>>;
}
export interface FileBlock {
  kind: "file";
  name: string;
  detail: string;
}
export interface Footer {
  model: string;
  input_tokens: number | null;
  output_tokens: number | null;
  cached_tokens: number | null;
  cost_micros: number | null;
  is_priced: boolean;
  seconds: number | null;
}
export interface FormField {
  path: string;
  section: string;
  label: string;
  kind: "text" | "url" | "integer" | "number" | "price" | "boolean" | "choice" | "lines" | "json";
  family: string;
  description: string;
  unit: string;
  minimum: string | null;
  maximum: string | null;
  choices: ReadonlyArray<Choice>;
  blank: string;
  required: boolean;
  fixed: boolean;
  placeholder: string;
  hint: string;
  excludes: string;
}
export interface FormSet {
  model: ReadonlyArray<FormField>;
  provider: ReadonlyArray<FormField>;
  endpoint: ReadonlyArray<FormField>;
  families: Readonly<Record<string, string>>;
  new_model: Readonly<Record<string, string>>;
  new_provider: Readonly<Record<string, string>>;
  presets: ReadonlyArray<Preset>;
}
export interface IntentMessage {
  kind: "intent";
  id: string;
  intent: Readonly<Record<string, unknown>>;
}
export interface KeptSetting {
  path: string;
  value: string;
}
export interface LinkView {
  phase: "connecting" | "live" | "reconnecting" | "closed" | "failed";
  attempt: number;
  retry_at: number | null;
  error: string;
}
export interface LoadOlder {
  op: "load_older";
}
export interface MakeDefault {
  op: "make_default";
  id: string;
}
export interface ModelChoice {
  id: string;
  name: string;
  provider: string;
  context_limit: number;
  input_price: string | null;
  output_price: string | null;
}
export interface ModelRow {
  id: string;
  title: string;
  subtitle: string;
  mark: "default" | "on" | "off" | "no_price" | "no_key";
  state: string;
  provider: string;
  values: Readonly<Record<string, string>>;
  kept: ReadonlyArray<KeptSetting>;
  base: string;
}
export interface NoteBlock {
  kind: "note";
  title: string;
  text: string;
}
export interface Outcome {
  id: string | null;
  errors: Readonly<Record<string, string>>;
  conflict: boolean;
}
export interface Preset {
  name: string;
  label: string;
  hint: string;
  key: "optional" | "required";
  values: Readonly<Record<string, string>>;
}
export interface Problem {
  title: string;
  message: string;
  detail: string;
  kind: string;
  status_code: number;
  is_retryable: boolean;
}
export interface PromoteQueued {
  op: "promote_queued";
  queued_id: number;
}
export interface ProviderRow {
  id: string;
  title: string;
  subtitle: string;
  mark: "on" | "off" | "no_key";
  state: string;
  has_key: boolean;
  needs_key: boolean;
  models: number;
  values: Readonly<Record<string, string>>;
  base: string;
}
export interface QueuedPrompt {
  id: number;
  text: string;
  files: number;
}
export interface ReasoningBlock {
  kind: "reasoning";
  text: string;
  seconds: number | null;
}
export interface RefreshCosts {
  op: "refresh_costs";
}
export interface RefreshEditor {
  op: "refresh_editor";
}
export interface Reply {
  kind: "reply";
  id: string;
  error: string | null;
  result: Readonly<Record<string, unknown>> | null;
}
export interface RetryView {
  title: string;
  message: string;
  attempt: number;
  at: number;
}
export interface Row {
  key: string;
  role: "user" | "assistant" | "system";
  at: number | null;
  blocks: ReadonlyArray<TextBlock | ReasoningBlock | ToolBlock | SourcesBlock | FileBlock | NoteBlock>;
  is_live: boolean;
  is_stopped: boolean;
  footer: Footer | null;
}
export interface RowChanged {
  op: "row_changed";
  row: number;
  changes: Readonly<Record<string, unknown>>;
}
export interface RowsSpliced {
  op: "rows_spliced";
  at: number;
  removed: number;
  rows: ReadonlyArray<Row>;
}
export interface SaveModel {
  op: "save_model";
  id?: string | null;
  base?: string;
  values: Readonly<Record<string, string>>;
  overwrite?: boolean;
}
export interface SaveProvider {
  op: "save_provider";
  id?: string | null;
  base?: string;
  values: Readonly<Record<string, string>>;
  api_key?: string | null;
  overwrite?: boolean;
}
export interface Send {
  op: "send";
  text: string;
  model_config_id?: string | null;
}
export interface Source {
  url: string;
  title: string;
}
export interface SourcesBlock {
  kind: "sources";
  sources: ReadonlyArray<Source>;
}
export interface Stop {
  op: "stop";
}
export interface TextAppended {
  op: "text_appended";
  row: number;
  block: number;
  field: "text" | "args" | "result";
  text: string;
}
export interface TextBlock {
  kind: "text";
  text: string;
}
export interface ToolBlock {
  kind: "tool";
  tool_call_id: string;
  name: string;
  summary: string;
  args: string;
  result: string;
  elided: number;
  state: "running" | "done" | "failed" | "waiting" | "stopped";
  seconds: number | null;
}
export interface UseZone {
  op: "use_zone";
  zone: string;
}
export interface ValidateForm {
  op: "validate_form";
  form: "model" | "provider" | "endpoint";
  values: Readonly<Record<string, string>>;
}
