import { createClient } from "@scoreboard/client";
import { useBoard } from "@scoreboard/client/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { grant, resolveNames, welcome } from "./visitor";

const visitor = await welcome();
const client = createClient({ token: async () => (await welcome()).token });
const board = client.watch({ me: true, resolveNames });

function Top() {
  const { rows, isStale, hasLoaded } = useBoard(board);
  if (!hasLoaded) {
    return <p>Loading…</p>;
  }
  return (
    <ol style={{ opacity: isStale ? 0.5 : 1 }}>
      {rows.map(({ userId, name, score }) => (
        <li key={userId} aria-current={userId === visitor.userId}>
          {name ?? userId}: {score}
        </li>
      ))}
    </ol>
  );
}

function Me() {
  const { me } = useBoard(board);
  const [told, tell] = useState("");

  async function earn() {
    try {
      const token = (await welcome()).token;
      const { score } = await client.incrementScore(visitor.userId, 25, await grant(token));
      tell(`That made ${score}.`);
    } catch (error) {
      tell(error instanceof Error ? error.message : "That went wrong.");
    }
  }

  return (
    <p>
      {visitor.name}: {me?.rank ? `#${me.rank} of ${me.of}` : "not on the board yet"}{" "}
      <button type="button" onClick={earn}>
        Earn 25 points
      </button>{" "}
      <output>{told}</output>
    </p>
  );
}

createRoot(document.getElementById("app")!).render(
  <>
    <h1>Top ten</h1>
    <Me />
    <Top />
  </>,
);
