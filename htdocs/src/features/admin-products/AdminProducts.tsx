export default function AdminProducts() {
  return <h1>Products</h1>;
}
