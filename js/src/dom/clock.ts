/** Seconds, minutes, and times of day as the chat says them. */

/** How long something took or has taken. */
export function duration(seconds: number): string {
  if (seconds < 0.05) return "0 s";
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 5_400) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

/** Whole seconds, for a count that runs. */
export function running(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const rest = String(whole % 60).padStart(2, "0");
  return `${Math.floor(whole / 60)}:${rest} min`;
}

/** The reader's local time of day; the date too when it is another day. */
export function timeOfDay(epoch: number, now: Date = new Date()): string {
  const at = new Date(epoch * 1_000);
  const time = at.toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.toLocaleDateString([], { day: "numeric", month: "short" })} ${time}`;
}
