export const strings = {
  items: "Items",
  item: "Item",
  price: "Price",
  quantity: "Quantity",
  total: "Total",
  line: (quantity: string, price: string) => `${quantity} × ${price}`,
} as const;
