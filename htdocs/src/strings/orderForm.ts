import { formatNumber } from "../shared/format/format";

export const strings = {
  title: "New order",
  products: "Products",
  search: "Search products",
  searchShortcut: "Search products",
  found: (n: number, more: boolean) =>
    n === 1 && !more ? "1 product" : `${formatNumber(n)}${more ? " or more" : ""} products`,
  nothingFound: (q: string) => `No product matches “${q}”`,
  nothingFoundHint: "Try fewer words, or only their beginnings.",
  clearSearch: "Show all products",
  emptyShop: "Nothing is for sale yet",
  emptyShopHint: "The shop's staff adds products. This page shows them as soon as it is loaded again.",
  loadAgain: "Load again",

  quantityOf: (name: string) => `Quantity of ${name}`,
  less: (name: string) => `One less of ${name}`,
  more: (name: string) => `One more of ${name}`,
  basketLess: (name: string) => `Basket: one less of ${name}`,
  basketMore: (name: string) => `Basket: one more of ${name}`,
  inStock: "In stock",
  onlyLeft: (n: number) => `Only ${formatNumber(n)} left`,
  outOfStock: "Out of stock",
  gone: "No longer available",
  badQuantity: (most: number) => `Order a whole number from 1 to ${formatNumber(most)}`,

  basket: "Basket",
  toBasket: "Go to basket",
  emptyBasket: "Still empty. Give a product a quantity, and it appears here.",
  each: (price: string) => `${price} each`,
  priceWas: (price: string) => `Price changed, was ${price}`,
  adjustTo: (n: number) => `Adjust to ${formatNumber(n)}`,
  adjustLine: (n: number, name: string) => `Adjust to ${formatNumber(n)}: ${name}`,
  adjustAll: "Adjust all",
  remove: "Remove",
  removeLine: (name: string) => `Remove ${name}`,
  removed: "Product removed",
  total: "Total",
  place: "Place order",
  placing: "Placing the order…",
  placed: "Order placed",

  ship: "Deliver to an address",
  shipHint: "Without one, the order is placed all the same.",
  changeAddress: "Change address",
  name: "Name",
  street: "Street and house number",
  city: "City",
  postcode: "Postcode",
  country: "Country",
  nameMissing: "Enter who receives the order.",
  streetMissing: "Enter the street and the house number.",
  streetTooMany: "At most 8 lines.",
  cityMissing: "Enter the city.",
  countryMissing: "Enter the country.",
  tooLong: "At most 200 characters.",

  nothingChosen: "Choose a product first: give it a quantity.",
  tooManyLines: (most: number) => `An order has at most ${most} different products. Remove some, or make two orders.`,
  checkLines: "Some products can't be had like this. What to change stands beside them.",
  checkFields: "Some fields need a change: it stands beside them.",
  short: "There is less in stock than you want. Nothing was ordered yet.",
  unavailable: "Some products are no longer sold. Nothing was ordered yet.",
  priceChanged: (before: string, now: string) =>
    `Prices have changed: the total is ${now} now, not ${before}. Nothing was ordered yet. If that is fine with you, place the order again.`,
  noAnswer:
    "No answer came, so the order may or may not have been placed. It is safe to try again: it will be one order, however often you try.",
  mayBePlaced:
    "The order that you tried to place before you changed it may have been placed. Look at your orders before you place this one.",
  unknown:
    "The shop can't tell yet whether the order was placed. Look at it before you try again. Trying again won't order twice.",
  lookAtOrder: "Look at the order",
  lookAtOrders: "Look at your orders",
  tryAgain: "Try again",
  busy: (wait: string) =>
    `The shop can't take the order just now. Nothing was ordered, and all you entered is kept. Try again ${wait}.`,
  tooManyTries: (wait: string) =>
    `Too many requests. Nothing was ordered, and all you entered is kept. Try again ${wait}.`,
  keyReused:
    "This order was placed already, perhaps at other prices. Look at your orders; placing it again orders it once more.",

  reordering: "Filling the basket…",
  reordered: (number: string) => `The basket is filled with what you ordered in ${number}.`,
  leftOutGone: (names: string) => `No longer available and left out: ${names}.`,
  leftOutOfStock: (names: string) => `Out of stock and left out: ${names}.`,
  nothingToReorder: (number: string) => `Nothing of what you ordered in ${number} can be had now.`,
  reorderFailed: (why: string) => `The basket could not be filled from the earlier order. ${why}`,
} as const;
