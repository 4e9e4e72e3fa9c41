import { act, render, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { Link, Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { useArrivalFocus } from "./useArrivalFocus";

let showLate: () => void;

function Pages({ path }: { path: string }) {
  const [late, setLate] = useState(false);
  showLate = () => setLate(true);
  if (path === "/late") return late ? <h1>Late</h1> : <p>Loading…</p>;
  if (path === "/field") return <input aria-label="Email" ref={(field) => field?.focus()} />;
  return <h1>{path}</h1>;
}

function Shell() {
  const path = useArrivalFocus();
  return (
    <>
      <Link href="/orders">Orders</Link>
      <main tabIndex={-1}>
        <Pages path={path} />
      </main>
    </>
  );
}

function start() {
  const { hook, searchHook, navigate } = memoryLocation({ path: "/" });
  render(
    <Router hook={hook} searchHook={searchHook}>
      <Shell />
    </Router>,
  );
  return (to: string) => act(() => navigate(to));
}

const heading = (name: string) => screen.getByRole("heading", { name });

it("leaves the first page alone", () => {
  start();
  expect(document.body).toHaveFocus();
});

it("goes from the followed link to the new page's heading", () => {
  const navigate = start();
  screen.getByText("Orders").focus();
  navigate("/orders");
  expect(heading("/orders")).toHaveFocus();
});

it("stays where it is when only the query changes", () => {
  const navigate = start();
  screen.getByText("Orders").focus();
  navigate("/?status=pending");
  expect(screen.getByText("Orders")).toHaveFocus();
});

it("waits on the content for a heading that comes later", async () => {
  const navigate = start();
  navigate("/late");
  expect(screen.getByRole("main")).toHaveFocus();
  await act(async () => showLate());
  expect(heading("Late")).toHaveFocus();
});

it("takes nothing from somebody who went on meanwhile", async () => {
  const navigate = start();
  navigate("/late");
  screen.getByText("Orders").focus();
  await act(async () => showLate());
  expect(screen.getByText("Orders")).toHaveFocus();
});

it("leaves the focus where the page itself has put it", () => {
  const navigate = start();
  navigate("/field");
  expect(screen.getByLabelText("Email")).toHaveFocus();
});
