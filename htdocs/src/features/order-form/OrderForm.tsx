export default function OrderForm() {
  return <h1>New order</h1>;
}
