export default function AdminDashboard() {
  return <h1>Orders</h1>;
}
