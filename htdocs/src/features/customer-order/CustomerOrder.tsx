export default function CustomerOrder({ id }: { id: string }) {
  return <h1>{id}</h1>;
}
