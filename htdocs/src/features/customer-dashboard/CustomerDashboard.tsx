export default function CustomerDashboard() {
  return <h1>Your orders</h1>;
}
