import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ChatModel } from "../../ui/models.ts";
import type { Settings as Chosen } from "../../ui/view.ts";
import { Icon } from "../icon.tsx";
import { LANGUAGES, useWords } from "../language.ts";
import { Popover } from "../popover.tsx";
import { useWatched } from "../watched.ts";

/** What is set for this device. */
export function SettingsPanel(
  { model, name, showShortcuts }: { model: ChatModel; name: string; showShortcuts: () => void },
): JSX.Element {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      id="settings"
      label={words.settings.title}
      buttonLabel={words.settings.title}
      button={<Icon name="settings" />}
      open={open}
      setOpen={setOpen}
    >
      {(close) => (
        <>
          <h2>{words.settings.title}</h2>
          <Choices model={model} />
          <p class="setting">
            <span>{words.settings.name}</span> <bdi>{name}</bdi>
          </p>
          <button type="button" class="menu-item" onClick={() => model.rename()}>
            {words.settings.rename}
          </button>
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              close();
              showShortcuts();
            }}
          >
            {words.settings.shortcuts}
          </button>
        </>
      )}
    </Popover>
  );
}

function Choices({ model }: { model: ChatModel }): JSX.Element {
  const words = useWords();
  const settings = useWatched(model.settings);
  const [denied, setDenied] = useState(false);
  const looks: readonly (readonly [Chosen["look"], string])[] = [
    ["system", words.settings.lookSystem],
    ["light", words.settings.lookLight],
    ["dark", words.settings.lookDark],
  ];
  const notify = async (wanted: boolean) => {
    const allowed = !wanted ||
      ("Notification" in globalThis && await Notification.requestPermission() === "granted");
    setDenied(!allowed);
    model.change({ notifications: wanted && allowed });
  };
  return (
    <>
      <label class="setting" for="look">
        {words.settings.look}
        <select
          id="look"
          value={settings.look}
          onChange={(event) => {
            const chosen = looks.find(([value]) => value === event.currentTarget.value);
            if (chosen !== undefined) model.change({ look: chosen[0] });
          }}
        >
          {looks.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </select>
      </label>
      <label class="setting" for="language">
        {words.settings.language}
        <select
          id="language"
          value={settings.language}
          onChange={(event) => {
            const { value } = event.currentTarget;
            model.change({ language: value === "en" || value === "de" ? value : "system" });
          }}
        >
          <option value="system">{words.settings.languageSystem}</option>
          {Object.values(LANGUAGES).map(({ code, languageName }) => (
            <option key={code} value={code} lang={code}>{languageName}</option>
          ))}
        </select>
      </label>
      <label class="setting">
        {words.settings.notifications}
        <input
          type="checkbox"
          checked={settings.notifications}
          onChange={(event) => void notify(event.currentTarget.checked)}
        />
      </label>
      {denied ? <p class="problem" role="status">{words.settings.notificationsOff}</p> : null}
      <label class="setting">
        {words.settings.sound}
        <input
          type="checkbox"
          checked={settings.sound}
          onChange={(event) => model.change({ sound: event.currentTarget.checked })}
        />
      </label>
    </>
  );
}
