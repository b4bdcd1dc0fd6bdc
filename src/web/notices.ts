import { useEffect } from "preact/hooks";
import type { ChatModel, Notice } from "../ui/models.ts";
import { formatPlace } from "../ui/place.ts";
import type { Words } from "../ui/words/en.ts";

/** As much of a message as a notice shows. */
const NOTICE_CHARS = 200;
/** A short, soft tone. */
const TONE = { hertz: 660, seconds: 0.18, gain: 0.06 } as const;

/** Shows what the model wants announced, by the system and by a tone, as far as the settings say. */
export function useNotices(model: ChatModel, words: Words): void {
  useEffect(() =>
    model.onNotice((notice) => {
      const { notifications, sound } = model.settings.current;
      if (sound) playTone();
      if (notifications) void show(notice, words);
    }), [model, words]);
  useEffect(() => {
    const look = () => model.setVisible(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [model]);
}

async function show({ room, offset, sender, text, mention }: Notice, words: Words): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const title = mention ? words.notice.mention(sender, room) : words.notice.message(sender, room);
  const place = formatPlace({ room, offset });
  const options = { body: text.slice(0, NOTICE_CHARS), tag: `quicchat ${room}`, icon: "/icons/quicchat.svg" };
  // Phones show only what a service worker announces.
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker !== undefined) return await worker.showNotification(title, { ...options, data: place });
  const shown = new Notification(title, options);
  shown.onclick = () => {
    focus();
    location.hash = place;
  };
}

let audio: AudioContext | null = null;

function playTone(): void {
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = TONE.hertz;
  volume.gain.setValueAtTime(TONE.gain, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + TONE.seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE.seconds);
}
