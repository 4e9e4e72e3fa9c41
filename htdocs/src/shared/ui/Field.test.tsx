import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Field } from "./Field";

it("is named by its label and described by its hint", () => {
  render(<Field label="Email" hint="We write to it once." type="email" />);
  const input = screen.getByRole("textbox", { name: "Email" });
  expect(input).toHaveAccessibleDescription("We write to it once.");
  expect(input).not.toHaveAttribute("aria-invalid");
});

it("is invalid with an error, which takes the hint's place", () => {
  render(<Field label="Email" hint="We write to it once." error="Enter an e-mail address." />);
  const input = screen.getByRole("textbox", { name: "Email" });
  expect(input).toBeInvalid();
  expect(input).toHaveAccessibleDescription("Enter an e-mail address.");
});

it("keeps its label with an id of the caller's", () => {
  render(<Field label="Email" id="email" />);
  expect(screen.getByLabelText("Email")).toHaveAttribute("id", "email");
});
