export const strings = {
  /** Read out after a step's name; the current one is told by aria-current. */
  done: "done",
  toCome: "to come",
  by: (name: string) => `by ${name}`,
  payment: "Payment",
  received: "Received",
  open: "Not received yet",
  never: "None received",
  refundDue: (amount: string) => `Refund due: ${amount}`,
} as const;
