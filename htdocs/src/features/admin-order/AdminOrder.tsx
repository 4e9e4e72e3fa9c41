export default function AdminOrder({ id }: { id: string }) {
  return <h1>{id}</h1>;
}
